"""Python's own functions and the methods of its types, on kinds of value."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow import conditions, guards, reporting
from exportlint.flow.arguments import Arguments
from exportlint.flow.arithmetic import dimension
from exportlint.flow.attributes import read
from exportlint.flow.conversions import length, to_number
from exportlint.flow.iteration import elements
from exportlint.flow.joins import has, join, join_all
from exportlint.flow.values import (
    NONE,
    UNKNOWN,
    Api,
    Class,
    Const,
    Dim,
    Instance,
    Map,
    Number,
    Seq,
    Shape,
    Static,
    Super,
    Tensor,
    Value,
    const,
    options,
)
from exportlint.source.remembered import below

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_PLAIN_RESULTS = {
    "str": "str",
    "repr": "str",
    "hash": "int",
    "id": "int",
    "callable": "bool",
    "issubclass": "bool",
    "ord": "int",
    "chr": "str",
    "print": "NoneType",
    "format": "str",
}


def builtin(frame: Frame, node: ast.AST, name: str, given: Arguments) -> Value:
    """The kind that a builtin returns."""
    handler = _HANDLERS.get(name)
    if handler is not None:
        return handler(frame, node, given)
    return Static(_PLAIN_RESULTS[name]) if name in _PLAIN_RESULTS else UNKNOWN


def _number(kind: str):
    def convert(frame: Frame, node: ast.AST, given: Arguments) -> Value:
        return join_all([to_number(frame, node, option, kind) for option in options(given.get("x", 0) or const(0))])

    return convert


def _extreme(form: str):
    def extreme(frame: Frame, node: ast.AST, given: Arguments) -> Value:
        values = list(given.args)
        if len(values) == 1:
            values = [elements(frame, _first(node), values[0], "call")]
        kinds = [kind for value in values for kind in options(value)]
        tensors = [k for k in kinds if isinstance(k, Tensor)]
        dims = [k for k in kinds if isinstance(k, Dim)]
        if tensors:
            conditions.report(frame, node, max(tensors, key=lambda t: t.sure), form, False)
            return tensors[0]
        numbers = [k for k in kinds if isinstance(k, Number)]
        if numbers:
            return numbers[0]
        if dims:
            merged = dimension(dims)
            if not _is_nested(node):
                conditions.report(frame, node, merged, form, False)
            return merged
        return join_all(values) if not any(isinstance(k, Const) for k in kinds) else Static("int")

    return extreme


def _is_nested(node: ast.AST) -> bool:
    """Whether a min or max is taken of another, where the same was said already."""
    inner = (part.func for part in below(node) if isinstance(part, ast.Call))
    return any(isinstance(func, ast.Name) and func.id in ("min", "max") for func in inner)


def _first(node: ast.AST) -> ast.expr:
    return node.args[0] if isinstance(node, ast.Call) and node.args else node


def _quantifier(form: str):
    def quantify(frame: Frame, node: ast.AST, given: Arguments) -> Value:
        value = given.get("iterable", 0) or UNKNOWN
        member = elements(frame, _first(node), value, "call")
        if any(isinstance(k, Tensor | Number) for k in options(member)):
            conditions.report(frame, node, member, form, False)
        return Static("bool")

    return quantify


def _round(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    value = given.args[0] if given.args else UNKNOWN
    for size in (kind for kind in options(value) if isinstance(kind, Dim)):
        reporting.dimension(frame, node, size, "round", frame.module.source(node))
    return value


def _sum(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    return elements(frame, _first(node), given.get("iterable", 0) or UNKNOWN, "call")


def _range(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    return Seq("range", None, join_all(given.args)) if given.args else UNKNOWN


def _enumerate(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    value = given.get("iterable", 0) or UNKNOWN
    return Seq("list", None, Seq("tuple", (Static("int"), elements(frame, _first(node), value, "call"))))


def _zip(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    form = None if any(map(_is_configured, given.args)) else "call"
    parts = [elements(frame, argument, value, form) for argument, value in zip(node.args, given.args, strict=False)]
    return Seq("list", None, Seq("tuple", tuple(parts)))


def _is_configured(value: Value) -> bool:
    """Whether a container holds as many members in every call: `zip` draws no more rows of a tensor beside it."""
    return isinstance(value, Seq) and (value.items is not None or value.type in ("ModuleList", "Sequential"))


def _same(kind: str):
    def collect(frame: Frame, node: ast.AST, given: Arguments) -> Value:
        value = given.get("iterable", 0)
        if value is None:
            return Seq(kind, ())
        if isinstance(value, Shape):
            return value
        if isinstance(value, Seq) and value.items is not None and kind != "set":
            return Seq(kind, value.items)
        return Seq(kind, None, elements(frame, _first(node), value, "call"))

    return collect


def _dict(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    base = (
        given.args[0]
        if given.args and isinstance(given.args[0], Map)
        else Map("dict", (), UNKNOWN if given.args else None)
    )
    return Map("dict", (*base.items, *given.kwargs.items()), UNKNOWN if given.open_kwargs else base.element)


def _map(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    from exportlint.flow.calls import apply

    if len(given.args) < 2:
        return UNKNOWN
    members = tuple(elements(frame, _first(node), value, "call") for value in given.args[1:])
    result = join_all([apply(frame, node, option, Arguments(members)) for option in options(given.args[0])])
    known = given.args[1].items if isinstance(given.args[1], Seq) else None
    return Seq("generator", (result,) * len(known) if known is not None else None, result)


def _filter(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    return Seq("generator", None, elements(frame, _first(node), given.args[-1], "call")) if given.args else UNKNOWN


def _next(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    value = given.args[0] if given.args else UNKNOWN
    member = elements(frame, _first(node), value, "call") if not has(value, Tensor) else UNKNOWN
    return join(member, given.args[1]) if len(given.args) > 1 else member


def _isinstance(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    if len(given.args) != 2:
        return Static("bool")
    answer = conditions.instance_of(frame, *given.args)
    return Static("bool") if answer is None else const(answer)


def _issubclass(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    """Of torch.Tensor and numpy.ndarray themselves, by which a program says what it wants to be given."""
    if len(given.args) != 2:
        return Static("bool")
    classes = {kind.name if isinstance(kind, Api) else None for value in given.args for kind in options(value)}
    return const(len(classes) == 1) if classes <= {"torch.Tensor", "numpy.ndarray"} else Static("bool")


def _getattr(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    if len(given.args) < 2 or not isinstance(given.args[1], Const) or not isinstance(given.args[1].value, str):
        return _any_member(frame, given)
    results = [read(frame, option, given.args[1].value, node) for option in options(given.args[0])]
    if all(isinstance(result, Api) and result.name in guards.TRUE_FOR for result in results):
        return join_all(results)  # releases without it are too old for the exporters that are meant
    return join_all([*results, *given.args[2:3]])


def _any_member(frame: Frame, given: Arguments) -> Value:
    """`getattr(self, f"layer{i}")`: any module that the object holds."""
    if given.args and isinstance(given.args[0], Instance):
        from exportlint.flow.values import Layer

        held = frame.interpreter.attributes.of(given.args[0]).values()
        return join_all([v for v in held if isinstance(v, Instance | Layer)])
    return UNKNOWN


def _hasattr(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    if len(given.args) == 2 and isinstance(given.args[0], Tensor) and isinstance(given.args[1], Const):
        return Static("bool")
    return Static("bool")


def _setattr(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    if len(given.args) == 3 and isinstance(given.args[0], Instance) and isinstance(given.args[1], Const):
        frame.interpreter.attributes.write(given.args[0], str(given.args[1].value), given.args[2], False)
    return NONE


def _super(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    owner, receiver = frame.function.owner, frame.function.receiver
    if given.args and isinstance(given.args[0], Class):
        owner = given.args[0].defined
    return Super(owner, receiver) if owner is not None and receiver is not None else UNKNOWN


def _type(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    value = given.args[0] if len(given.args) == 1 else UNKNOWN
    return Class(value.cls) if isinstance(value, Instance) else Static("type")


def _abs(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    return (
        join_all(
            [
                Tensor(v.depends, v.sure, v.shape, v.dtype) if isinstance(v, Tensor) else v
                for v in options(given.args[0])
            ]
        )
        if given.args
        else UNKNOWN
    )


def _sorted(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    member = elements(frame, _first(node), given.args[0], "call") if given.args else UNKNOWN
    conditions.report(frame, node, member, "sorted", False) if has(member, Tensor) else None
    return Seq("list", None, member)


_HANDLERS = {
    "int": _number("int"),
    "float": _number("float"),
    "bool": _number("bool"),
    "complex": _number("complex"),
    "len": length,
    "max": _extreme("max"),
    "min": _extreme("min"),
    "all": _quantifier("all"),
    "any": _quantifier("any"),
    "sum": _sum,
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "list": _same("list"),
    "tuple": _same("tuple"),
    "set": _same("set"),
    "frozenset": _same("set"),
    "reversed": _same("list"),
    "iter": _same("list"),
    "dict": _dict,
    "map": _map,
    "filter": _filter,
    "next": _next,
    "isinstance": _isinstance,
    "issubclass": _issubclass,
    "getattr": _getattr,
    "hasattr": _hasattr,
    "setattr": _setattr,
    "super": _super,
    "type": _type,
    "abs": _abs,
    "round": _round,
    "sorted": _sorted,
}

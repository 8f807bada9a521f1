"""Python's own functions and the methods of its types, on kinds of value."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow import conditions, reporting
from exportlint.flow.arithmetic import dimension
from exportlint.flow.attributes import read
from exportlint.flow.arguments import Arguments
from exportlint.flow.collect import place
from exportlint.flow.iteration import elements
from exportlint.flow.values import (
    GUESS,
    NONE,
    UNKNOWN,
    Array,
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
    has,
    join,
    join_all,
    options,
)

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


def source_of(frame: Frame, node: ast.AST) -> str:
    """The text of a call's first argument, for messages."""
    arguments = getattr(node, "args", None)
    return frame.module.source(arguments[0]) if isinstance(arguments, list) and arguments else frame.module.source(node)


def _number(kind: str):
    def convert(frame: Frame, node: ast.AST, given: Arguments) -> Value:
        return join_all([to_number(frame, node, option, kind) for option in options(given.get("x", 0) or const(0))])

    return convert


def to_number(frame: Frame, node: ast.AST, value: Value, kind: str, form: str | None = None) -> Value:
    """`int(value)`, `float(value)`, `bool(value)`, or a function of math that does the same to its argument."""
    text = source_of(frame, node)
    if isinstance(value, Tensor):
        return taken(frame, node, value, form or kind, text, kind)
    if isinstance(value, Number):
        reporting.use(frame, value, form or kind, node)
        if form is not None:
            reporting.conversion(frame, node, value, form, text)
        return Number(kind, value.depends, value.sure, value.origin, value.how)
    if isinstance(value, Dim):
        reporting.dimension(frame, node, value, form or kind, text)
        return dimension([value])
    if isinstance(value, Array):
        return Number(kind, value.depends, value.sure, None, "numpy")
    if isinstance(value, Const) and type(value.value) in (int, float) and form is None and abs(value.value) < 1e15:
        return Const(kind, {"int": int, "float": float, "bool": bool}.get(kind, float)(value.value), value.fixed)
    return Static(kind)


def _place(frame: Frame, node: ast.AST, how: str):
    return place(frame.module, node, f"`{frame.module.source(node, 40)}` takes it out of a tensor")


def taken(frame: Frame, node: ast.AST, tensor: Tensor, how: str, text: str, kind: str | None = None) -> Value:
    """A Python number (of type `kind`, else by the tensor's dtype) taken out of a tensor here.

    In a constructor that is configuration: it ran before any export.
    """
    kind = kind or (tensor.dtype if tensor.dtype in ("bool", "int") else "float")
    if frame.quiet:
        return Static(kind)
    reporting.conversion(frame, node, tensor, how, text)
    return Number(kind, tensor.depends, tensor.sure, _place(frame, node, how), how)


def _len(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    results: list[Value] = []
    kinds = options(given.get("obj", 0) or UNKNOWN)
    doubtful = any(not isinstance(kind, Tensor) and kind != NONE for kind in kinds)
    for value in kinds:
        if isinstance(value, Tensor):
            first = (
                value.shape[0]
                if value.shape
                else Dim(((value.source, 0),) if value.source else (), False, bool(value.ragged))
            )
            if value.sure > GUESS and not doubtful:
                reporting.conversion(frame, node, value, "len", source_of(frame, node), first)
            results.append(first)
        elif isinstance(value, Seq) and value.items is not None:
            results.append(const(len(value.items)))
        else:
            results.append(Static("int"))
    return join_all(results)


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
            conditions.report(frame, node, merged, form, False)
            return merged
        return join_all(values) if not any(isinstance(k, Const) for k in kinds) else Static("int")

    return extreme


def _first(node: ast.AST) -> ast.expr:
    return node.args[0] if isinstance(node, ast.Call) and node.args else node


def _quantifier(form: str):
    def quantify(frame: Frame, node: ast.AST, given: Arguments) -> Value:
        value = given.get("iterable", 0) or UNKNOWN
        member = elements(frame, _first(node), value, "call")
        if any(isinstance(k, Tensor | Number) for k in options(member)):
            conditions.report(frame, node, member, form, False)
            return Number("bool", "input", max(k.sure for k in options(member) if isinstance(k, Tensor | Number)))
        return Static("bool")

    return quantify


def _sum(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    member = elements(frame, _first(node), given.get("iterable", 0) or UNKNOWN, "call")
    return member


def _range(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    return Seq("range", None, join_all(given.args)) if given.args else UNKNOWN


def _enumerate(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    value = given.get("iterable", 0) or UNKNOWN
    return Seq("list", None, Seq("tuple", (Static("int"), elements(frame, _first(node), value, "call"))))


def _zip(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    parts = [elements(frame, argument, value, "call") for argument, value in zip(node.args, given.args, strict=False)]
    return Seq("list", None, Seq("tuple", tuple(parts)))


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


def _getattr(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    if len(given.args) < 2 or not isinstance(given.args[1], Const) or not isinstance(given.args[1].value, str):
        return _any_member(frame, given)
    results = [read(frame, option, given.args[1].value, node) for option in options(given.args[0])]
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
    "len": _len,
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
    "getattr": _getattr,
    "hasattr": _hasattr,
    "setattr": _setattr,
    "super": _super,
    "type": _type,
    "abs": _abs,
    "round": lambda frame, node, given: given.args[0] if given.args else UNKNOWN,
    "sorted": _sorted,
}


def method(frame: Frame, node: ast.AST, receiver: Value, name: str, given: Arguments) -> Value:
    """The kind that a method of a Python value returns."""
    if isinstance(receiver, Map):
        return _of_map(receiver, name, given)
    if isinstance(receiver, Seq):
        return _of_sequence(receiver, name)
    if isinstance(receiver, Shape):
        return Dim((), receiver.declared, bool(receiver.ragged), False) if name == "numel" else UNKNOWN
    if isinstance(receiver, Array):
        return Number("float", receiver.depends, receiver.sure, None, "numpy") if name == "item" else receiver
    if isinstance(receiver, Number):
        return receiver
    if isinstance(receiver, Static) and receiver.type == "str":
        if name in ("startswith", "endswith", "isdigit", "isidentifier"):
            return Static("bool")
        return (
            Seq("list", None, Static("str"))
            if name in ("split", "rsplit", "splitlines", "partition")
            else Static("str")
        )
    return UNKNOWN


def _of_map(receiver: Map, name: str, given: Arguments) -> Value:
    if name == "items":
        pairs = [Seq("tuple", (const(k) if isinstance(k, str | int) else UNKNOWN, v)) for k, v in receiver.items]
        if receiver.element is None and pairs:
            return Seq("list", tuple(pairs))
        return Seq("list", None, Seq("tuple", (Static("str"), receiver.member())))
    if name == "values":
        return Seq("list", None, receiver.member())
    if name == "keys":
        return Seq("list", None, Static("str"))
    if name in ("get", "pop", "setdefault") and given.args:
        key = given.args[0]
        known = receiver.get(key.value) if isinstance(key, Const) else None
        otherwise = given.args[1] if len(given.args) > 1 else NONE
        if known is not None:
            return known
        if isinstance(key, Const) and receiver.element is None:
            return otherwise
        return join(receiver.member(), otherwise) if receiver.items or receiver.element else otherwise
    return receiver if name == "copy" else UNKNOWN


def _of_sequence(receiver: Seq, name: str) -> Value:
    if name in ("pop", "popleft"):
        return receiver.member()
    if name == "numel":
        sizes = [v for v in receiver.items or () if isinstance(v, Dim)]
        return dimension(sizes) if sizes else Static("int")
    if name in ("index", "count"):
        return Static("int")
    return receiver if name in ("copy", "children", "modules") else UNKNOWN

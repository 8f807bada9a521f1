"""Calls of Python's builtins: those that TorchScript has, what they take, and what they give."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.scripting.call_arguments import arguments
from exportlint.flow.scripting.names import BUILTINS
from exportlint.flow.scripting.types import BOOL, FLOAT, INT, NONE, SCALAR, STR, TENSOR, Type, is_optional, list_of
from exportlint.flow.values import UNKNOWN, Instance, Map, Seq, Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body

_CASTS = {"int": INT, "float": FLOAT, "bool": BOOL, "str": STR, "len": INT, "round": FLOAT, "print": NONE}
_CONTAINERS = ("ModuleList", "Sequential", "ModuleDict")
_REFLECTION = frozenset("type setattr delattr callable vars dir id issubclass locals globals".split())
_KEYWORDS_REFUSED = ("print", "sorted", "sum", "max", "min")
# Types of a sole argument that no variant takes: measured by compiling each.
_NOT_TAKEN = {
    "int": ("None", "List", "Tuple", "Dict"),
    "float": ("None", "List", "Tuple", "Dict"),
    "bool": ("None", "Tuple"),
    "abs": ("None", "str", "List", "Tuple", "Dict"),
    "list": ("None",),
    "tuple": ("str",),
    "reversed": ("List", "Tuple"),
}


def call(body: Body, node: ast.Call, name: str) -> Value:
    if name in ("isinstance", "hasattr"):
        from exportlint.flow.scripting.conditions import judge

        judge(body, node)
        return BOOL
    if name == "getattr":
        return _getattr(body, node)
    given = arguments(body, node)
    for keyword in node.keywords:
        body.term(keyword.value)
    if name in _REFLECTION:
        body.fault(node, "reflection", f"`{name}()`")
        return UNKNOWN
    if name in BUILTINS:
        body.fault(node, "call-outside", f"`{name}()`")
        return UNKNOWN
    first = given[0] if given else UNKNOWN
    _check(body, node, name, given or [])
    if name == "tuple" and isinstance(first, Type) and first.name == "List":
        body.fault(node, "list-length", "a list made a tuple")
    if name in ("sum", "all", "any", "max", "min") and first == list_of(TENSOR):
        body.fault(node, "call-outside", f"`{name}()` of a list of tensors")
    if name == "sum" and first == list_of(UNKNOWN) and _of_modules(body, node.args[0]):
        body.fault(node, "call-outside", "`sum()` of what modules give")
    if name == "map" and node.args and not isinstance(node.args[0], ast.Lambda):
        body.fault(node, "call-outside", "`map()`")
    if name in ("zip", "enumerate") and given:
        _check_lengths(body, node, given)
    if name == "reversed" and isinstance(first, Seq) and first.type in ("ModuleList", "Sequential"):
        body.fault(node, "module-container", "`reversed()` of a ModuleList")
    return _builtin_result(body, node, name, given)


def _check(body: Body, node: ast.Call, name: str, given: list[Value]) -> None:
    """Arguments that no variant of a builtin takes."""
    if name in _KEYWORDS_REFUSED and node.keywords:
        body.fault(node, "argument-type", f"`{name}()` takes no keyword in TorchScript")
    elif name in ("round", "sum") and len(given) > 1:
        body.fault(node, "argument-type", f"`{name}()` takes one argument in TorchScript")
    elif name == "range" and (wrong := next((v for v in given if _is_no_int(v)), None)) is not None:
        body.fault(node, "argument-type", f"`range()` takes int and gets {wrong}")
    elif len(given) == 1 and isinstance(given[0], Type) and given[0].name in _NOT_TAKEN.get(name, ()):
        body.fault(node, "argument-type", f"`{name}()` does not take {given[0]}")
    elif len(given) == 1 and is_optional(given[0]) and name in ("int", "float", "abs"):
        body.fault(node, "optional", f"{given[0]} passed to `{name}()`")
    elif name in ("max", "min") and len(given) > 1 and (STR in given or NONE in given):
        body.fault(node, "argument-type", f"`{name}()` does not take {STR if STR in given else NONE}")


def _is_no_int(value: Value) -> bool:
    return value in (FLOAT, SCALAR, TENSOR, STR, NONE) or (isinstance(value, Type) and value.name in ("List", "Tuple"))


def _of_modules(body: Body, node: ast.expr) -> bool:
    """Whether a list holds the results of the modules that it runs over."""
    if not isinstance(node, ast.ListComp) or not isinstance(node.elt, ast.Call):
        return False
    over = body.term(node.generators[0].iter)
    called = node.elt.func.id if isinstance(node.elt.func, ast.Name) else ""
    target = node.generators[0].target
    return isinstance(over, Seq) and over.type in ("ModuleList", "Sequential") and called == getattr(target, "id", None)


def _check_lengths(body: Body, node: ast.Call, given: list[Value]) -> None:
    """torch unrolls a loop over modules, so that what runs beside them must have a length that it knows."""
    modules = any(isinstance(one, Seq | Map) and one.type in _CONTAINERS for one in given)
    if modules and any(isinstance(one, Type) and one.name == "List" for one in given):
        body.fault(node, "module-container", "a list, whose length torch does not know, beside modules in `zip()`")


def _builtin_result(body: Body, node: ast.Call, name: str, given: list[Value] | None) -> Value:
    from exportlint.flow.scripting.containers import element

    first = given[0] if given else UNKNOWN
    if name in _CASTS:
        return _CASTS[name]
    if name == "range":
        return list_of(INT)
    if name in ("enumerate", "zip") and given:
        parts = [element(body, argument, value) for argument, value in zip(node.args, given, strict=False)]
        kinds = tuple(kind for kind, _ in parts)
        whole = Type("Tuple", (INT, *kinds) if name == "enumerate" else kinds)
        return Seq("unrolled", None, whole) if any(unrolled for _, unrolled in parts) else list_of(whole)
    if name in ("list", "sorted"):
        return first if isinstance(first, Type) and first.name == "List" else UNKNOWN
    if name in ("min", "max") and given and len(set(given)) == 1 and len(given) > 1:
        return first
    return UNKNOWN


def _getattr(body: Body, node: ast.Call) -> Value:
    given = [body.term(argument) for argument in node.args[:1]]
    if len(node.args) < 2 or isinstance(node.args[0], ast.Starred):
        return UNKNOWN
    name = node.args[1].value if isinstance(node.args[1], ast.Constant) else None
    if not isinstance(name, str):
        body.fault(node, "reflection", "`getattr()` with a name that is computed")
        return UNKNOWN
    if not isinstance(given[0], Instance) or not body.program.is_module(given[0].cls):
        return UNKNOWN
    if len(node.args) > 2 and not body.program.exact:
        return UNKNOWN  # some configuration may do without it
    if len(node.args) > 2 and body.program.lacks(given[0], name):
        return body.term(node.args[2])  # which is not compiled otherwise
    return body.program.attribute(given[0], name)

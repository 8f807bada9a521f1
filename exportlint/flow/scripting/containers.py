"""Literals, items and loops: what containers hold for torch, those of modules among them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.joins import join_all
from exportlint.flow.scripting.call_arguments import starred
from exportlint.flow.scripting.types import (
    BOOL,
    FLOAT,
    INT,
    STR,
    TENSOR,
    Type,
    is_optional,
    is_vague,
    list_of,
    optional,
)
from exportlint.flow.values import UNKNOWN, Instance, Layer, Map, Seq, Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body

_BOUND = "a slice up to {}; `/` and `round()` give a float in TorchScript"

SLICED = Type("sliced module")


def sequence_literal(body: Body, node: ast.List | ast.Tuple) -> Value:
    types, open_ended = [], False
    for element_node in node.elts:
        if isinstance(element_node, ast.Starred):
            starred(body, element_node)
            open_ended = True
        else:
            types.append(body.term(element_node))
    if open_ended:
        return UNKNOWN
    if isinstance(node, ast.Tuple):
        return Type("Tuple", tuple(types))
    if not types:
        return list_of(TENSOR)
    kinds = set(types)
    if kinds == {TENSOR, optional(TENSOR)}:
        return list_of(optional(TENSOR))
    return list_of(types[0]) if len(kinds) == 1 and isinstance(types[0], Type) else UNKNOWN


def dict_literal(body: Body, node: ast.Dict) -> Value:
    keys = [body.term(key) for key in node.keys if key is not None]
    values = [body.term(value) for value in node.values]
    kinds = set(keys)
    if len(kinds) > 1 and kinds <= {INT, FLOAT, STR, BOOL}:
        body.fault(node, "container-type", "a dict with keys of different types")
    if not values:
        return Type("Dict", (STR, TENSOR))
    return Type("Dict", (keys[0], values[0])) if len(kinds) == 1 and len(set(values)) == 1 else UNKNOWN


def subscript(body: Body, node: ast.Subscript) -> Value:
    value = body.term(node.value)
    index = node.slice
    for part in (index.lower, index.upper) if isinstance(index, ast.Slice) else (index,):
        kind = body.term(part) if part is not None else UNKNOWN
        if isinstance(index, ast.Slice) and kind in (FLOAT, STR):
            body.fault(node, "argument-type", _BOUND.format(kind))
    if isinstance(value, Seq) and value.type in ("ModuleList", "Sequential"):
        return _module_item(body, node, value)
    if isinstance(value, Map) and value.type == "ModuleDict":
        if isinstance(index, ast.Constant) and isinstance(index.value, str):
            return value.get(index.value) or UNKNOWN
        body.fault(node, "module-container", "a ModuleDict indexed with what is no string literal")
        return UNKNOWN
    if _is_plain_module(body, value):
        body.fault(node, "module-container", "a module indexed that is no container")
        return UNKNOWN
    if is_optional(value):
        body.fault(node, "optional", f"{value} indexed")
        return UNKNOWN
    if is_vague(value):
        body.fault(node, "argument-type", f"{value} indexed")
        return UNKNOWN
    if value == TENSOR and isinstance(index, ast.Constant) and isinstance(index.value, str):
        body.fault(
            node, "argument-type", f"`{body.module.source(node.value, 30)}` is a tensor for torch, indexed by a str"
        )
        return UNKNOWN
    return _item(body, node, value)


def _item(body: Body, node: ast.Subscript, value: Value) -> Value:
    index = node.slice
    if value == TENSOR:
        _check_index(body, node)
        return TENSOR
    if not isinstance(value, Type) or not value.args:
        return UNKNOWN
    if value.name == "List":
        return value if isinstance(index, ast.Slice) else value.args[0]
    if value.name == "Dict":
        return value.args[-1]
    return _of_tuple(body, node, value) if value.name == "Tuple" else UNKNOWN


def _check_index(body: Body, node: ast.Subscript) -> None:
    """What indexes a tensor, part by part; the bounds of a slice that stands alone were looked at already."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    dots = next((i for i, part in enumerate(parts) if getattr(part, "value", None) is Ellipsis), len(parts))
    if any(_is_tensor(body, part) for part in parts[dots + 1 :]):
        body.fault(node, "argument-type", "a tensor behind `...` in an index")
        return
    for part in parts:
        if isinstance(part, ast.Slice):
            bounds = (part.lower, part.upper) if part is not node.slice else ()
            if FLOAT in [body.term(bound) for bound in bounds if bound is not None]:
                body.fault(node, "argument-type", _BOUND.format(FLOAT))
        elif isinstance(part, ast.Constant) and isinstance(part.value, bool | str):
            body.fault(node, "argument-type", f"a tensor indexed by {type(part.value).__name__}")
        elif body.term(part) == FLOAT:
            body.fault(node, "argument-type", "a tensor indexed by float")


def _is_tensor(body: Body, part: ast.expr) -> bool:
    """Whether a part of an index is a tensor, or a list, of which torch makes one."""
    kind = UNKNOWN if isinstance(part, ast.Slice) else body.term(part)
    return kind == TENSOR or (isinstance(kind, Type) and kind.name == "List")


def _of_tuple(body: Body, node: ast.Subscript, value: Type) -> Value:
    number = literal(node.slice)
    if number is None:
        if len(set(value.args)) > 1 and UNKNOWN not in value.args and not isinstance(node.slice, ast.Slice):
            body.fault(node, "argument-type", f"{value} indexed with what is no literal")
        return UNKNOWN
    if not -len(value.args) <= number < len(value.args):
        body.fault(node, "argument-type", f"{value} has no item {number}")
        return UNKNOWN
    return value.args[number]


def literal(index: ast.expr) -> int | None:
    """The number that an index is, signed ones included."""
    negative = isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub)
    number = index.operand if negative else index
    if not isinstance(number, ast.Constant) or type(number.value) is not int:
        return None
    return -number.value if negative else number.value


def _module_item(body: Body, node: ast.Subscript, value: Seq) -> Value:
    index = node.slice
    if isinstance(index, ast.Slice):
        return Seq("sliced modules")
    position = literal(index)
    if position is not None:
        known = value.items is not None and -len(value.items) <= position < len(value.items)
        return value.items[position] if known else value.element
    body.fault(node, "module-container", f"a {value.type} indexed with what is no literal")
    return UNKNOWN


def element(body: Body, node: ast.expr, value: Value) -> tuple[Value, bool]:
    """The type of what a loop over a value binds, and whether torch unrolls that loop."""
    if isinstance(value, Seq) and value.type in ("ModuleList", "Sequential"):
        return (join_all(value.items) if value.items else value.element), True
    if isinstance(value, Seq) and value.type == "sliced modules":
        return SLICED, True
    if isinstance(value, Seq) and value.type == "unrolled":
        return value.element, True
    if isinstance(value, Map):
        return UNKNOWN, True
    if _is_plain_module(body, value):
        body.fault(node, "module-container", "a loop over a module that is no container")
        return UNKNOWN, True
    if isinstance(value, Instance) and body.program.is_module(value.cls):
        return UNKNOWN, True
    if is_optional(value):
        body.fault(node, "optional", f"a loop over {value}")
        return UNKNOWN, False
    if is_vague(value):
        body.fault(node, "argument-type", f"a loop over {value}")
        return UNKNOWN, False
    if isinstance(value, Type) and value.name == "Tuple":
        return (value.args[0] if len(set(value.args)) == 1 else UNKNOWN), True
    if value == TENSOR:
        return TENSOR, False
    if isinstance(value, Type) and value.name in ("List", "Dict") and value.args:
        return value.args[0], False
    return UNKNOWN, False


def _is_plain_module(body: Body, value: Value) -> bool:
    """Whether a value is a module, and not of a kind that holds others by number or name."""
    if isinstance(value, Instance):
        return body.program.is_module(value.cls) and body.program.classes.is_plain(value.cls)
    return isinstance(value, Layer)


def comprehension(body: Body, node: ast.ListComp | ast.GeneratorExp | ast.DictComp) -> Value:
    env = dict(body.env)
    for generator in node.generators:
        value = body.term(generator.iter)
        bound, _ = element(body, generator.iter, value)
        _bind(body, generator.target, bound)
    if isinstance(node, ast.DictComp):
        body.term(node.key)
        body.term(node.value)
        result: Value = UNKNOWN
    else:
        kind = body.term(node.elt)
        result = list_of(kind if isinstance(kind, Type) else UNKNOWN)
    body.env = env
    return result


def _bind(body: Body, target: ast.expr, value: Value) -> None:
    if isinstance(target, ast.Name):
        body.env[target.id] = value
    elif isinstance(target, ast.Tuple | ast.List):
        whole = isinstance(value, Type) and value.name == "Tuple" and len(value.args) == len(target.elts)
        for index, part in enumerate(target.elts):
            _bind(body, part, value.args[index] if whole else UNKNOWN)

"""Operators and comparisons as torch.jit.script types them, and the operands that it has none for."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING

from exportlint.flow.scripting.types import (
    BOOL,
    DEVICE,
    DTYPE,
    FLOAT,
    INT,
    NONE,
    NUMBERS,
    SCALAR,
    STR,
    TENSOR,
    Type,
    is_optional,
    is_vague,
    list_of,
)
from exportlint.flow.values import UNKNOWN, Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body

_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**"}
_SIGNS |= {ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>"}
_SEQUENCES = ("List", "Tuple")


def _group(value: Value) -> str:
    """What matters of a type to an operator; "" for one that is not known."""
    if value in (*NUMBERS, SCALAR):
        return "number"
    name = value.name if isinstance(value, Type) else ""
    return name if name in ("Tensor", "str", "None", *_SEQUENCES) else ""


def arithmetic(body: Body, node: ast.AST, operator: ast.operator, left: Value, right: Value) -> Value:
    """The type of an operation; operands that no operator of TorchScript takes are reported."""
    for value in (left, right):
        if is_optional(value) and not (isinstance(operator, ast.Mod) and left == STR):
            body.fault(node, "optional", f"{value} in an operation")
            return UNKNOWN
    several = next((value for value in (left, right) if is_vague(value)), None)
    if several is not None and not (isinstance(operator, ast.Mod) and left == STR):
        body.fault(node, "argument-type", f"{several} in an operation")
        return UNKNOWN
    if STR in (left, right) and isinstance(operator, ast.Mult):
        body.fault(node, "call-outside", "a string times a number")
        return STR
    if isinstance(operator, ast.Mod) and left == STR:
        return STR
    if not _has_operator(operator, _group(left), _group(right)):
        detail = f"`{_SIGNS[type(operator)]}` cannot have {left} on its left and {right} on its right"
        body.fault(node, "argument-type", detail)
        return UNKNOWN
    return _result(operator, left, right)


def _has_operator(operator: ast.operator, left: str, right: str) -> bool:
    if not left or not right:
        return True
    kinds = {left, right}
    if isinstance(operator, ast.MatMult):
        return kinds == {"Tensor"}
    if kinds <= {"Tensor", "number"}:
        return True
    if isinstance(operator, ast.Add):
        return kinds in ({"str"}, {"List"}, {"Tuple"}, set(_SEQUENCES))
    # a sequence times a tensor makes the tensor a number
    return isinstance(operator, ast.Mult) and len(kinds) == 2 and bool(kinds & set(_SEQUENCES)) and "None" not in kinds


def _result(operator: ast.operator, left: Value, right: Value) -> Value:
    if TENSOR in (left, right):
        return TENSOR if {left, right} <= {TENSOR, INT, FLOAT, BOOL} else UNKNOWN
    if left in (INT, FLOAT) and right in (INT, FLOAT):
        if isinstance(operator, ast.Div) or FLOAT in (left, right):
            return FLOAT
        return FLOAT if isinstance(operator, ast.Pow) else INT
    if isinstance(left, Type) and left.name == "List" and isinstance(operator, ast.Add):
        return left if left == right or not isinstance(right, Type) or right.name == "Tuple" else list_of(UNKNOWN)
    if left == right and left == STR and isinstance(operator, ast.Add):
        return left
    return UNKNOWN


def unary(body: Body, node: ast.UnaryOp, value: Value) -> Value:
    """The type of `-x` or `~x`."""
    if is_optional(value):
        body.fault(node, "optional", f"{value} in an operation")
    elif _lacks_sign(node.op, value):
        sign = "~" if isinstance(node.op, ast.Invert) else "-"
        body.fault(node, "argument-type", f"`{sign}` cannot be of {value}")
        return UNKNOWN
    return value if value in (TENSOR, *NUMBERS) else UNKNOWN


def _lacks_sign(operator: ast.unaryop, value: Value) -> bool:
    if is_vague(value) or _group(value) in ("str", "None", *_SEQUENCES):
        return True
    return isinstance(operator, ast.Invert) and value in NUMBERS


def compare(body: Body, node: ast.Compare) -> Value:
    """The type of a comparison."""
    values = [body.term(one) for one in (node.left, *node.comparators)]
    if isinstance(node.ops[0], ast.Is | ast.IsNot):
        return BOOL
    if isinstance(node.ops[0], ast.In | ast.NotIn):
        _check_contained(body, node, values[0], values[1])
        return BOOL
    if any(is_optional(v) for v in values) and NONE not in values:
        body.fault(node, "optional", "a comparison with what may be None")
        return UNKNOWN
    several = next((value for value in values if is_vague(value)), None)
    if several is not None:
        body.fault(node, "argument-type", f"a comparison of {several}")
        return UNKNOWN
    for left, right in pairwise(values):
        if not _comparable(left, right):
            both = f"{right} with {left}" if left == NONE else f"{left} with {right}"
            body.fault(node, "argument-type", f"a comparison of {both}")
            return UNKNOWN
    if UNKNOWN in values:
        return UNKNOWN
    return TENSOR if TENSOR in values else BOOL


def _check_contained(body: Body, node: ast.Compare, value: Value, container: Value) -> None:
    """`in` wants one type in the container, and that one before it."""
    if not isinstance(container, Type) or (container.name in _SEQUENCES and UNKNOWN in container.args):
        return
    inner = set(container.args)
    if container.name in _SEQUENCES and len(inner) > 1:
        body.fault(node, "argument-type", f"`in` of {container}, whose items have different types")
    elif container.name in _SEQUENCES and is_optional(value):
        body.fault(node, "optional", f"{value} looked for with `in`")
    elif container.name in _SEQUENCES and inner and {value, *inner} in ({STR, INT}, {STR, FLOAT}, {FLOAT, INT}):
        body.fault(node, "argument-type", f"`in` cannot look for {value} in {container}")


def _comparable(left: Value, right: Value) -> bool:
    """Whether there is a variant of `==` and the like; for None there is `is` alone."""
    if NONE in (left, right):
        other = right if left == NONE else left
        return other == NONE or not (_group(other) or other in (DTYPE, DEVICE) or is_optional(other))
    kinds = {_group(left), _group(right)}
    return "" in kinds or len(kinds) == 1 or kinds in ({"Tensor", "number"}, set(_SEQUENCES))

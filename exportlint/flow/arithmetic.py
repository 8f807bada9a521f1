"""Operators on kinds: tensors win, numbers taken out of tensors stay such, sizes stay sizes."""

from __future__ import annotations

import ast
import operator as python
from collections.abc import Callable
from dataclasses import replace

from exportlint.finding import TARGETS
from exportlint.flow.dtypes import promoted
from exportlint.flow.joins import join, member
from exportlint.flow.values import (
    CERTAIN,
    UNKNOWN,
    Array,
    Const,
    Dim,
    Guard,
    Number,
    Seq,
    Shape,
    Static,
    Tensor,
    Value,
    const,
    most_dependent,
)

EVERY_TARGET = frozenset(TARGETS)
NAMES = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "and_",
    ast.BitOr: "or_",
    ast.BitXor: "xor",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
}
_EXACT: dict[str, Callable] = {"add": python.add, "sub": python.sub, "mul": python.mul, "floordiv": python.floordiv}
_ROUNDS = ("truediv", "floordiv", "mod")
_BIG = 10**9  # a literal sum that grows past this is nobody's size; stop computing before it costs memory


def binary(name: str, left: Value, right: Value) -> Value:
    """`left <operator> right` for one kind each."""
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        result = replace(elementwise(left, right), dtype=promoted(left, right, name))
        return replace(result, ragged=False) if name == "matmul" and result.ragged is True else result
    if isinstance(left, Guard) and name == "or_":
        return _guarded(left, right)
    if name == "or_" and isinstance(left, Const) and left.value is True and left.fixed:
        return left
    if isinstance(left, Array) or isinstance(right, Array):
        return next(v for v in (left, right) if isinstance(v, Array))
    if isinstance(left, Number) or isinstance(right, Number):
        return _number(left, right)
    if isinstance(left, Dim) or isinstance(right, Dim):
        rounds = name in _ROUNDS or any(isinstance(v, Static) and v.type == "float" for v in (left, right))
        size = dimension([v for v in (left, right) if isinstance(v, Dim)])
        return replace(size, rounds=size.rounds or (rounds and name != "pow"))
    if isinstance(left, Const) and isinstance(right, Const):
        return _constant(name, left, right)
    if isinstance(left, Seq | Shape) or isinstance(right, Seq | Shape):
        return _sequence(name, left, right)
    if isinstance(left, Static) and isinstance(right, Static):
        return Static(left.type if left.type == right.type else None)
    return UNKNOWN


def _guarded(left: Guard, right: Value) -> Value:
    """`guard | other`: stays true where it was."""
    if isinstance(right, Const):
        return const(True) if right.value else left
    if isinstance(right, Guard):
        true = left.true | right.true
        return Guard(true, (left.maybe | right.maybe) - true)
    return Guard(left.true, EVERY_TARGET - left.true)


def elementwise(left: Value, right: Value) -> Tensor:
    """The tensor, of unknown dtype, that broadcasting gives (PyTorch's rules, for shapes of known rank)."""
    parts = [v for v in (left, right) if isinstance(v, Tensor)]
    values = [v.depends for v in (left, right) if isinstance(v, Tensor | Number)]
    values += ["input"] if UNKNOWN in (left, right) else []  # `weight * x`, of an x that could not be followed
    shape = parts[0].shape if len(parts) == 1 else broadcast(parts[0].shape, parts[1].shape)
    sure = max(p.sure for p in parts)
    other = right if parts[0] is left else left
    if len(parts) == 1 and not isinstance(other, Number | Static | Dim):
        sure = min(sure, 1) if sure == CERTAIN else sure
    return Tensor(most_dependent(values), sure, shape, None, None, next((p.ragged for p in parts if p.ragged), False))


def broadcast(one: tuple | None, other: tuple | None) -> tuple | None:
    """The shape of two broadcast together, where both ranks are known."""
    if one is None or other is None:
        return None
    short, long = sorted((one, other), key=len)
    padded = (None,) * (len(long) - len(short)) + short
    return tuple(_wider(a, b) for a, b in zip(padded, long, strict=True))


def _wider(one: Value | None, other: Value) -> Value:
    if one is None or (isinstance(one, Const) and one.value == 1):
        return other
    return other if isinstance(other, Dim) and isinstance(one, Const) and one.value == 1 else one


def _number(left: Value, right: Value) -> Value:
    parts = [v for v in (left, right) if isinstance(v, Number)]
    if not all(isinstance(v, Number | Static | Dim) for v in (left, right)):
        return UNKNOWN
    best = max(parts, key=lambda p: p.sure)
    return Number(best.type, most_dependent([p.depends for p in parts]), best.sure, best.origin, best.how)


def dimension(parts: list[Dim]) -> Dim:
    """An int computed from sizes."""
    axes = tuple(dict.fromkeys(axis for part in parts for axis in part.axes))
    rounds = any(p.rounds for p in parts)
    return Dim(axes, any(p.declared for p in parts), any(p.ragged for p in parts), False, rounds)


def _constant(name: str, left: Const, right: Const) -> Value:
    fixed = left.fixed and right.fixed
    numbers = all(type(v.value) in (int, float) and abs(v.value) < _BIG for v in (left, right))
    if numbers and name in _EXACT and not (name == "floordiv" and right.value == 0):
        value = _EXACT[name](left.value, right.value)
        return Const(type(value).__name__, value, fixed)
    if left.type == right.type == "str" and name == "add" and len(left.value) + len(right.value) < 1000:
        return Const("str", left.value + right.value, fixed)
    return Static(left.type if left.type == right.type else "float" if numbers else None)


def _sequence(name: str, left: Value, right: Value) -> Value:
    if name == "add" and isinstance(left, Seq) and isinstance(right, Seq):
        if left.items is not None and right.items is not None and len(left.items) + len(right.items) < 64:
            return Seq(left.type, left.items + right.items)
        return Seq(left.type, None, join(member(left), member(right)))
    if name == "mul":
        repeated = left if isinstance(left, Seq) else right
        if isinstance(repeated, Seq):
            return Seq(repeated.type, None, member(repeated))
    if name == "add" and isinstance(left, Shape | Seq) and isinstance(right, Shape | Seq):
        shape = left if isinstance(left, Shape) else right
        return Shape(None, shape.declared, shape.ragged)
    return UNKNOWN


_ORDER: dict[type[ast.cmpop], Callable] = {
    ast.Eq: python.eq,
    ast.NotEq: python.ne,
    ast.Lt: python.lt,
    ast.LtE: python.le,
    ast.Gt: python.gt,
    ast.GtE: python.ge,
}


def comparison(compare: ast.cmpop, left: Value, right: Value) -> Value:
    """`left < right` and its kin, == and != for one kind each."""
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        other = right if isinstance(left, Tensor) else left
        if isinstance(other, Const) and isinstance(other.value, str):
            return Static("bool")  # what is compared with a string is no tensor
        if isinstance(other, Seq | Shape):
            return Static("bool")
        tensor = elementwise(left, right)
        return Tensor(tensor.depends, tensor.sure, tensor.shape, "bool", None, tensor.ragged)
    if isinstance(left, Array) or isinstance(right, Array):
        return next(v for v in (left, right) if isinstance(v, Array))
    if isinstance(left, Number) or isinstance(right, Number):
        result = _number(left, right)
        return (
            Number("bool", result.depends, result.sure, result.origin, result.how)
            if isinstance(result, Number)
            else UNKNOWN
        )
    dims = [v for v in (left, right) if isinstance(v, Dim)]
    shapes = [v for v in (left, right) if isinstance(v, Shape)]
    if isinstance(compare, ast.Eq | ast.NotEq) and all(isinstance(v, Dim | Shape) and v.ragged for v in (left, right)):
        return Static("bool")  # mostly of one selection, whose size torch.export knows by one name
    if dims:
        return dimension(dims)
    if shapes:
        return Dim((), any(s.declared for s in shapes), any(s.ragged for s in shapes), False)
    known = all(isinstance(v, Const) and v.fixed and v.type in ("int", "float", "str", "bool") for v in (left, right))
    if known and left.type == right.type:
        return Const("bool", _ORDER[type(compare)](left.value, right.value))
    return Static("bool")

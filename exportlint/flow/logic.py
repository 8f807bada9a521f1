"""Expressions that decide: not, and, or, comparisons, conditional expressions."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from exportlint.flow import conditions, guards, training_only
from exportlint.flow.joins import join_all
from exportlint.flow.values import GUESS, Const, Dim, Guard, Number, Static, Tensor, Value, options

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame


def unary(frame: Frame, node: ast.UnaryOp) -> Value:
    if isinstance(node.op, ast.Not):
        true, false = conditions.decide(frame, node.operand, "not", False)
        return guards.outcome(false, true)
    value = frame.eval(node.operand)
    if isinstance(value, Const) and isinstance(value.value, int | float) and isinstance(node.op, ast.USub):
        return Const(value.type, -value.value, value.fixed)
    if isinstance(value, Const) and isinstance(node.op, ast.Invert | ast.UAdd):
        return Static(value.type)
    return value


def chain(frame: Frame, node: ast.BoolOp) -> Value:
    """`a and b` as a value: one of the operands; all but the last are conditions."""
    before, doubts = frame.state(), frame.doubts
    conjunction = isinstance(node.op, ast.And)
    form = "and" if conjunction else "or"
    kinds: list[Value] = []
    live, settled = frame.live, frozenset()
    for operand in node.values:
        frame.live = live
        value = frame.eval(operand)
        last = operand is node.values[-1]
        if last and not isinstance(value, Guard | Const):
            true = false = live
        else:
            true, false = conditions.ways(frame, operand, value, form, False)
        onward, ended = (true, false) if conjunction else (false, true)
        if last or ended:
            kinds.append(value if last or not conjunction else _decided(value))
        settled |= ended
        conditions.narrow(frame, operand, conjunction)
        frame.doubts += bool(true & false)
        live = onward
        if not live:
            break
    frame.env, frame.live, frame.doubts = before.env, before.live, doubts
    if any(isinstance(kind, Guard) for kind in kinds):
        return guards.outcome(live if conjunction else settled, settled if conjunction else live)
    return join_all(kinds)


def _decided(value: Value) -> Value:
    """What `a and b` gives where `a` is false: that was asked already, and is no size or number any more."""
    return join_all([Static() if isinstance(kind, Dim | Number) else kind for kind in options(value)])


def ternary(frame: Frame, node: ast.IfExp) -> Value:
    true, false = conditions.decide(frame, node.test, "ternary", False)
    before, results = frame.state(), []
    doubt = bool(true & false)
    frame.doubts += doubt
    for live, outcome, side in ((true, True, node.body), (false, False, node.orelse)):
        if live:
            frame.env, frame.live = dict(before.env), live
            conditions.narrow(frame, node.test, outcome)
            with training_only.arm(frame, [node.test], outcome):
                results.append(frame.eval(side))
    frame.doubts -= doubt
    frame.env, frame.live = before.env, before.live
    return guards.joined(results if true & false else _of_some_targets(results))


def _of_some_targets(results: list[Value]) -> list[Value]:
    """`torch.tensor(n) if is_tracing() else n`: a number, which is a tensor for some targets only."""
    kinds = [kind for result in results for kind in options(result)]
    if all(isinstance(kind, Tensor) for kind in kinds):
        return results
    return [replace(kind, sure=GUESS) if isinstance(kind, Tensor | Number) else kind for kind in kinds]


def compare(frame: Frame, node: ast.Compare) -> Value:
    left = frame.eval(node.left)
    results: list[Value] = []
    for operator, comparator in zip(node.ops, node.comparators, strict=True):
        right = frame.eval(comparator)
        if results:
            conditions.ways(frame, node, results[-1], "compare", False)
        results.append(conditions.compared(frame, node, left, operator, right))
        left = right
    return join_all(results) if len(results) > 1 else results[0]

"""Functions of torch that tell which exporter runs: `torch.jit.is_tracing()` and its kin."""

from __future__ import annotations

import ast
from collections.abc import Sequence, Set

from exportlint.finding import TARGETS
from exportlint.flow.joins import join_all
from exportlint.flow.values import Const, Guard, Static, Value, const

_ALL = frozenset(TARGETS)
TRACERS = frozenset(("trace", "onnx-ts"))
"""The targets that run a model and write down what its tensors do."""

TRUE_FOR: dict[str, Set[str]] = {
    "torch.jit.is_scripting": {"script"},
    "torch.jit.is_tracing": TRACERS,
    "torch._C._get_tracing_state": TRACERS,
    "torch.onnx.is_in_onnx_export": {"onnx", "onnx-ts"},
    "torch.compiler.is_exporting": {"export", "onnx"},
    "torch.compiler.is_compiling": {"export", "onnx"},
    "torch.compiler.is_dynamo_compiling": set(),
    "torch._dynamo.is_compiling": {"export", "onnx"},
    "torch._dynamo.external_utils.is_compiling": {"export", "onnx"},
    "torch.is_grad_enabled": set(),
    "torch.is_autocast_enabled": set(),
    "torch.jit.is_scripting_or_tracing": {"script", *TRACERS},
}
"""Which targets see True, measured with torch 2.13: each call made inside forward under each exporter."""


def through(live: frozenset[str], arm: Sequence[ast.stmt]) -> frozenset[str]:
    """The targets that meet what stands in an arm: where it ends in `raise`, only scripting does, which compiles it."""
    return live & {"script"} if arm and isinstance(arm[-1], ast.Raise) else live


def joined(results: Sequence[Value]) -> Value:
    """What a function gives. One that asks torch, or else answers a constant, does that where a release cannot tell."""
    asked = [result for result in results if isinstance(result, Guard)]
    others = [result for result in results if not isinstance(result, Guard)]
    if asked and all(isinstance(other, Const) and other.type == "bool" for other in others):
        return join_all(asked)
    return join_all(results)


def returned(paths: Sequence[tuple[frozenset[str], Value]]) -> Value:
    """What a function gives that returns on these paths, each live for some targets.

    A predicate that is False wherever an exporter runs says so, whatever else it asks: `if is_tracing(): return False`.
    """
    values = [value for _, value in paths]
    everywhere = frozenset().union(*(live for live, _ in paths))
    if all(live == everywhere for live, _ in paths) or not all(map(_is_bool, values)):
        return joined(values)
    true = frozenset().union(*(live & _can_be(value, True) for live, value in paths))
    false = frozenset().union(*(live & _can_be(value, False) for live, value in paths))
    return joined(values) if true == false else outcome(true, false)


def _is_bool(value: Value) -> bool:
    return isinstance(value, Guard) or (isinstance(value, Static) and value.type == "bool")


def _can_be(value: Value, wanted: bool) -> frozenset[str]:
    """The targets for which a bool can be that."""
    if isinstance(value, Guard):
        return value.true | value.maybe if wanted else _ALL - value.true
    known = isinstance(value, Const) and value.fixed
    return _ALL if not known or value.value is wanted else frozenset()


def outcome(true: frozenset[str], false: frozenset[str]) -> Value:
    """A bool of which is known for which targets it can be true, and false."""
    if not true or not false:
        return const(bool(true))
    return Guard(true - false, true & false) if true != false else Static("bool")


def answer(name: str, live: frozenset[str]) -> Value:
    """What one of them says on a path that is live for some targets."""
    true = live & TRUE_FOR[name]
    return Guard(true) if true else const(False)

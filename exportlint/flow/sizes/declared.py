"""Whether a model that is declared with a dynamic axis can take another size there than its example has."""

from __future__ import annotations

from typing import TypeGuard

from exportlint.finding import Confidence
from exportlint.flow.arguments import Arguments
from exportlint.flow.collect import entry
from exportlint.flow.interpreter import Interpreter
from exportlint.flow.sizes.example import Built, mismatch
from exportlint.flow.sizes.resized import number
from exportlint.flow.sizes.sized import Sized
from exportlint.flow.values import UNKNOWN, Const, Dim, Function, Instance, Tensor, Value
from exportlint.flow.whole_events import FixedSize

UNNAMED = 448  # a size for an axis of which only the name is known: networks halve images five times, patches have 14
TIMES = 2  # twice the example's size divides by all that the example's divides by


def report(
    interpreter: Interpreter, forward: Function, constructor: Arguments, example: Arguments, declared: Arguments
) -> None:
    """Report the operation of a model, which has `forward` and what its constructor gets, that takes no larger size.

    `declared` are the example's inputs that know which of their sizes are dynamic.
    """
    values = (*declared.args, *declared.kwargs.values())
    axes = sorted({axis for value in values for size in _sizes(value) if _is_declared(size) for axis in size.axes})
    if not isinstance(forward.receiver, Instance) or not axes or declared.open_kwargs or declared.open_args is not None:
        return
    built, cls = Built(interpreter.project, interpreter.targets), forward.receiver.cls
    small, large = (mismatch(built, cls, constructor, _sized(example, declared, times), False) for times in (1, TIMES))
    if large is not None and large.node is not None and large.module is not None:
        known = all(number(size) for value in (*example.args, *example.kwargs.values()) for size in _sizes(value))
        if small is None or (not known and small.node is large.node):
            names = ", ".join(f"axis {axis} of `{name}`" for name, axis in axes)
            common = (large.module.span(large.node), large.symbol, interpreter.targets, Confidence.HIGH, True)
            interpreter.collector.add(FixedSize(*common, said=large.message(), axes=names, entry=entry(forward)))
    built.forget()


def _sizes(value: Value) -> tuple[Value, ...]:
    return value.shape or () if isinstance(value, Tensor) else ()


def _is_declared(size: Value) -> TypeGuard[Dim]:
    return isinstance(size, Dim) and size.declared


def _sized(example: Arguments, declared: Arguments, times: int) -> Arguments:
    """The inputs as the sizes see them, with the dynamic ones that many times as long."""
    return Arguments(
        tuple(_one(*pair, times) for pair in zip(example.args, declared.args, strict=True)),
        {name: _one(example.kwargs[name], value, times) for name, value in declared.kwargs.items()},
    )


def _one(example: Value, declared: Value, times: int) -> Value:
    if not isinstance(example, Tensor):
        return example if isinstance(example, Const) else UNKNOWN
    if example.shape is None:
        return UNKNOWN
    pairs = zip(example.shape, _sizes(declared), strict=True)
    return Sized(tuple((number(a) or UNNAMED) * times if _is_declared(b) else number(a) for a, b in pairs))

"""Events of which exporters know no line: they name the function that forward is, or that forward called."""

from __future__ import annotations

from exportlint.flow.events import Event, Place
from exportlint.flow.immutable import immutable


@immutable
class WholeEvent(Event):
    """`entry`: the function that exporters name."""

    entry: Place


@immutable
class FixedSize(WholeEvent):
    """An operation of a declared model takes the example, and no larger one of the declared `axes`: `said` says why."""

    said: str
    axes: str


@immutable
class GradientCall(WholeEvent):
    """`function` runs backward: "torch.autograd.grad", "torch.Tensor.backward"."""

    function: str


@immutable
class Output(WholeEvent):
    """An entry method returns what not all exporters take.

    `kind`: object (of the project's class `name`), dict, None, str, number or size.
    """

    name: str
    kind: str


@immutable
class AttentionCall(WholeEvent):
    """torch.nn.MultiheadAttention gets a query whose length, `axis` of `source`, is declared dynamic."""

    source: str
    axis: int

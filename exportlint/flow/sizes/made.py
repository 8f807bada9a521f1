"""Tensors that are made of sizes: new ones of written sizes, and those that expand and repeat others."""

from __future__ import annotations

from exportlint.flow.arguments import Arguments
from exportlint.flow.sizes.resized import number
from exportlint.flow.sizes.sized import Mismatch, Sized, Sizes, shown
from exportlint.flow.values import UNKNOWN, Const, Seq, Value

MAKES = frozenset("zeros ones empty rand randn full".split())
"""Functions of torch whose result has the sizes that they are given."""


def new(name: str, given: Arguments) -> Value:
    """What a function of MAKES gives."""
    sizes = _asked(given, one=name == "full")
    return UNKNOWN if sizes is None else Sized(sizes)


def expanded(tensor: Sized, given: Arguments) -> Value:
    """A tensor with axes of one made longer. Raises Mismatch for an axis of more than one."""
    asked = _asked(given)
    if asked is None or len(asked) < len(tensor.sizes):
        return UNKNOWN
    held = (1,) * (len(asked) - len(tensor.sizes)) + tensor.sizes
    for one, other in zip(held, asked, strict=True):
        if None not in (one, other) and other not in (-1, one) and one != 1:
            raise Mismatch(f"{shown(tensor.sizes)} expanded to {shown(asked)}: {one} is not {other}", tensor)
    sizes = tuple(one if other == -1 else other for one, other in zip(held, asked, strict=True))
    return tensor.then(sizes, "expand")


def repeated(tensor: Sized, given: Arguments) -> Value:
    """A tensor that stands beside itself some times along each axis."""
    times = _asked(given)
    if times is None or len(times) < len(tensor.sizes):
        return UNKNOWN
    held = (1,) * (len(times) - len(tensor.sizes)) + tensor.sizes
    pairs = zip(held, times, strict=True)
    return tensor.then(tuple(None if None in pair else pair[0] * pair[1] for pair in pairs), "repeat")


def _asked(given: Arguments, one: bool = False) -> Sizes | None:
    """The sizes that a call gives, None where it is not known how many there are. `one`: they are one argument."""
    first = given.kwargs.get("size") or given.kwargs.get("sizes") or (given.args[0] if given.args else None)
    if isinstance(first, Seq):
        values = first.items
    else:
        alone = one or (len(given.args) < 2 and not isinstance(first, Const))
        values = None if alone or given.open_args is not None else given.args
    if not values:
        return None
    return tuple(map(number, values))

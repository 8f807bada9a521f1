"""Tensors made larger, by interpolation or by numbers around them; and the numbers that calls give for axes."""

from __future__ import annotations

from exportlint.flow.sizes.sized import Sized
from exportlint.flow.values import NONE, UNKNOWN, Const, Seq, Value


def number(value: Value | None) -> int | None:
    """The whole number that a value is known to be."""
    return value.value if isinstance(value, Const) and type(value.value) is int else None


def numbers(value: Value | None, count: int) -> list[int] | None:
    """A number for each of some axes, from one number or a sequence of that many."""
    items = value.items if isinstance(value, Seq) and value.items is not None else (value,) * count
    found = [number(item) for item in items]
    return found if len(found) == count and None not in found else None


def interpolated(tensor: Sized, size: Value | None, factor: Value | None, label: str) -> Value:
    """A tensor with its axes behind the channels made larger."""
    rank = len(tensor.sizes) - 2
    if size is not None and size != NONE:
        known = numbers(size, rank)
        return tensor.then((*tensor.sizes[:2], *known), label) if known else UNKNOWN
    if isinstance(factor, Seq):
        return UNKNOWN
    times = factor.value if isinstance(factor, Const) and type(factor.value) in (int, float) else None
    if times is None or None in tensor.sizes[2:]:
        return UNKNOWN
    return tensor.then((*tensor.sizes[:2], *(int(one * times) for one in tensor.sizes[2:])), f"{label} *{times}")


def padded(tensor: Sized, amounts: list[int] | None, label: str) -> Value:
    """A tensor with numbers put around it: pairs from the last axis on."""
    if amounts is None or len(amounts) % 2 or len(amounts) // 2 > len(tensor.sizes):
        return UNKNOWN
    sizes = list(tensor.sizes)
    for pair in range(len(amounts) // 2):
        axis = len(sizes) - 1 - pair
        sizes[axis] = None if sizes[axis] is None else sizes[axis] + amounts[2 * pair] + amounts[2 * pair + 1]
    return tensor.then(tuple(sizes), label)

"""Which axes of a tensor have sizes that depend on values: a tuple of them, False for none, True for one not known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Ragged = bool | tuple[int, ...]


def has(ragged: Ragged, axis: int | None) -> bool:
    """Whether this axis is one of them; of one that is not known that is never sure."""
    return isinstance(ragged, tuple) and axis in ragged


def onward(ragged: Ragged, start: int) -> Ragged:
    """The axes from `start` on, counted from there."""
    return _each(ragged, lambda axis: axis - start if axis >= start else None)


def inserted(ragged: Ragged, at: int) -> Ragged:
    """After a new axis `at` a place; from behind it stands last."""
    return _each(ragged, lambda axis: axis + 1 if 0 <= at <= axis else axis) if at >= -1 else bool(ragged)


def removed(ragged: Ragged, at: int) -> Ragged:
    """After the axis `at` a place is gone; from behind it was the last."""
    if at < -1:
        return bool(ragged)
    return _each(ragged, lambda axis: None if axis == at else axis - 1 if 0 <= at < axis else axis)


def reordered(ragged: Ragged, order: Sequence[int]) -> Ragged:
    """After the axes were put in this order, all of them counted from the front."""
    return _each(ragged, lambda axis: order.index(axis) if axis in order else None)


def swapped(ragged: Ragged, one: int, other: int) -> Ragged:
    """After two axes changed places. Two counted from behind are those of matrices, seldom one that was selected on."""
    if (one < 0) != (other < 0):
        return bool(ragged)
    return _each(ragged, lambda axis: {one: other, other: one}.get(axis, axis))


def _each(ragged: Ragged, moved: Callable[[int], int | None]) -> Ragged:
    if not isinstance(ragged, tuple):
        return ragged
    found = tuple(axis for axis in map(moved, ragged) if axis is not None)
    return found or False

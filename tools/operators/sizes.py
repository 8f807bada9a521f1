"""The same case at other sizes: which axes of its inputs may have another length, found by running it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch

from operators.artefacts import Inputs

Spot = tuple[int, int]
"""An input's position and an axis of it."""

Run = Callable[[Inputs], list[torch.Tensor] | None]
"""What eager mode returns, None where it refuses."""


@dataclass(frozen=True)
class OtherSizes:
    """Which `axes` of each input are not of one length in `first`, to export with, and `second`, to run as well."""

    axes: tuple[tuple[int, ...], ...]
    first: Inputs
    second: Inputs

    @property
    def both(self) -> tuple[Inputs, Inputs]:
        """The inputs to export with, then the others."""
        return self.first, self.second


def other_sizes(inputs: Inputs, fillers: Inputs, still: Sequence[int], run: Run) -> OtherSizes | None:
    """As many axes as can have another length at once, each alone or with those that must agree with it; None if none.

    What an axis gains comes from `fillers`, inputs of the same shapes: values that suit the operator, and hardly equal
    ones. Inputs at the positions `still` keep their shapes, and so do axes of length 0 and 1: to exporters these are
    other cases, not other sizes.
    """
    sizes: dict[Spot, tuple[int, int]] = {}
    for spots in _together(inputs, still):
        left = [spot for spot in spots if spot not in sizes]
        for pair in _lengths(inputs, left):
            changed = {**sizes, **dict.fromkeys(left, pair)}
            larger = {**sizes, **dict.fromkeys(left, (pair[1], 3 * _length(inputs, left[0])))}
            if not _alike(*_at_both(inputs, fillers, changed), run):
                continue
            if not _outgrown(*_at_both(inputs, fillers, larger), run):
                sizes = changed
                break
    if not sizes:
        return None
    axes = tuple(tuple(sorted(axis for i, axis in sizes if i == position)) for position in range(len(inputs)))
    return OtherSizes(axes, *_at_both(inputs, fillers, sizes))


def _alike(first: Inputs, second: Inputs, run: Run) -> bool:
    """Whether eager mode takes both, and returns as many tensors, with the same axes of length 0 and 1."""
    one, other = run(first), run(second)
    return one is not None and other is not None and _special(one) == _special(other)


def _outgrown(taken: Inputs, larger: Inputs, run: Run) -> bool:
    """Whether what has an axis of length 1 at a size that is taken has none at a larger one: a pooled length."""
    one, other = run(taken), run(larger)
    return other is not None and _special(one) != _special(other)


def _special(returned: list[torch.Tensor]) -> list[list[int]]:
    return [[size if size < 2 else 2 for size in tensor.shape] for tensor in returned]


def _together(inputs: Inputs, still: Sequence[int]) -> Iterator[list[Spot]]:
    """Sets of axes to change together: the same axis of all inputs where it has one length; one; all of a length."""
    spots = [
        (i, axis)
        for i, tensor in enumerate(inputs)
        if i not in still and tensor.layout is torch.strided
        for axis in range(tensor.dim())
        if tensor.shape[axis] > 1
    ]
    keys = (lambda spot: (_length(inputs, spot), spot[1]), lambda spot: spot, lambda spot: _length(inputs, spot))
    for key in keys:
        for value in dict.fromkeys(map(key, spots)):
            yield [spot for spot in spots if key(spot) == value]


def _length(inputs: Inputs, spot: Spot) -> int:
    return inputs[spot[0]].shape[spot[1]]


def _lengths(inputs: Inputs, spots: list[Spot]) -> list[tuple[int, int]]:
    """Pairs of lengths to try. What was built into a file shows more surely where there is more than before.

    Longer ones for operators that make 1 of the case's own; twice the length for those that split an axis evenly; less
    where more would repeat an index that stood once.
    """
    if not spots:
        return []
    length = _length(inputs, spots[0])
    longer = [(length, length + 1), (length + 1, length + 2), (length, 2 * length), (2 * length, 3 * length)]
    shorter = [(length, length - 1)] if length > 2 else []
    distinct = any(_all_differ(inputs[i]) for i, _ in spots)
    return shorter + longer if distinct else longer + shorter


def _all_differ(tensor: torch.Tensor) -> bool:
    integer = tensor.dtype in (torch.int64, torch.int32)
    return integer and tensor.numel() > 1 and tensor.unique().numel() == tensor.numel()


def _at_both(inputs: Inputs, fillers: Inputs, sizes: dict[Spot, tuple[int, int]]) -> tuple[Inputs, Inputs]:
    first, second = ({spot: pair[at] for spot, pair in sizes.items()} for at in (0, 1))
    return _resized(inputs, fillers, first), _resized(inputs, fillers, second)


def _resized(inputs: Inputs, fillers: Inputs, sizes: dict[Spot, int]) -> Inputs:
    found = []
    for i, (tensor, filler) in enumerate(zip(inputs, fillers, strict=True)):
        for (_, axis), size in ((spot, size) for spot, size in sizes.items() if spot[0] == i):
            tensor, filler = _stretched(tensor, filler, axis, size), _stretched(filler, tensor, axis, size)
        found.append(tensor)
    return tuple(found)


def _stretched(tensor: torch.Tensor, filler: torch.Tensor, axis: int, size: int) -> torch.Tensor:
    """The tensor cut, or with the filler after it and then itself again, as often as is needed; never a view."""
    length = tensor.shape[axis]
    if size == length:
        return tensor
    longer = tensor if size < length else torch.cat([tensor, filler, tensor], axis)
    return longer.narrow(axis, 0, size).clone()

"""The arguments of a call into torch by their names: which are known, which are numbers, which were given."""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.data import torch_signatures
from exportlint.flow.arguments import Arguments
from exportlint.flow.returns import plain
from exportlint.flow.values import NONE, UNKNOWN, Dim, Static, Tensor, Value, options


def named(name: str, given: Arguments) -> tuple[tuple, tuple[str, ...], tuple[str, ...]]:
    """Known arguments of a call by their names; the names of all that were given; and those of numbers.

    A number is an int or a float, computed or configured, whose value is not known.
    """
    known, names, numbers = [], [], []
    for label, value in _labelled(name, given):
        names.append(label)
        told = plain(value)
        if told is not None or value == NONE:
            known.append((label, told))
        elif _is_number(value):
            numbers.append(label)
    return tuple(known), tuple(names), tuple(numbers)


def _is_number(value: Value) -> bool:
    return all(
        isinstance(kind, Dim) or (isinstance(kind, Static) and kind.type in ("int", "float")) for kind in options(value)
    )


def _labelled(name: str, given: Arguments) -> Iterator[tuple[str, Value]]:
    names = torch_signatures().get(name, ())
    if names and "*" in names[0]:
        names = ()  # sizes one by one: torch.rand(2, 3)
    for index, value in enumerate(given.args):
        yield (names[index] if index < len(names) and names[index] != "*" else str(index)), value
    for label, value in given.kwargs.items():
        if label == "generator" and NONE in options(value):
            continue  # an export hands in none
        if label.startswith("running_") and name.endswith(".instance_norm") and not isinstance(value, Tensor):
            continue  # by default an InstanceNorm keeps no statistics
        if label != "output_size" or not _repeats_a_number(name, given):
            yield label, value


def _repeats_a_number(name: str, given: Arguments) -> bool:
    """`x.repeat_interleave(n, output_size=...)`, where the size says nothing new: measured with a tensor of repeats."""
    repeats = given.args[-1] if given.args else given.kwargs.get("repeats", UNKNOWN)
    return name.endswith(".repeat_interleave") and not any(isinstance(kind, Tensor) for kind in options(repeats))

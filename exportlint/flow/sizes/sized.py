"""A tensor whose rank is known, with how its sizes came about."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from exportlint.flow.values import Value
from exportlint.source.module import Module
from exportlint.source.project import Defined

MOST_STEPS_SHOWN = 8  # the last ones: a mismatch comes of what is near it

Sizes = tuple[int | None, ...]


@dataclass(frozen=True)
class Sized(Value):
    """A tensor of some sizes, None for one that is not known. `steps` say which layers changed them, in order."""

    sizes: Sizes
    steps: tuple[str, ...] = ()

    def then(self, sizes: Sizes, step: str = "") -> Sized:
        """The tensor that an operation makes of this one; `step` is shown where it changes the sizes."""
        steps = (*self.steps, f"{step} -> {shown(sizes)}") if step and sizes != self.sizes else self.steps
        return replace(self, sizes=sizes, steps=steps)


class Mismatch(Exception):
    """An operation cannot take the sizes that it gets: what it says, and the tensors that it says it of.

    `node`, `module`, `symbol` and `owner`, the class whose code it stands in, say where, once that is known.
    """

    def __init__(self, said: str, *tensors: Sized) -> None:
        super().__init__(said)
        self.said = said
        self.tensors = tensors
        self.node: ast.AST | None = None
        self.module: Module | None = None
        self.symbol = ""
        self.owner: Defined | None = None

    def message(self) -> str:
        """What does not fit, and the arithmetic that led there."""
        steps = max((tensor.steps for tensor in self.tensors), key=len, default=())
        kept = steps[-MOST_STEPS_SHOWN:]
        chain = "; ".join((["..."] if len(kept) < len(steps) else []) + list(kept))
        return f"{self.said} ({chain})" if chain else self.said


class Lost(Exception):
    """From here on nothing is known of what runs."""


def shown(sizes: Sizes) -> str:
    """Sizes as Python writes them, "?" for one that is not known."""
    words = ["?" if size is None else str(size) for size in sizes]
    return f"({', '.join(words)}{',' if len(words) == 1 else ''})"


def product(sizes: Sizes) -> int | None:
    """How many numbers there are, None where that is not known."""
    total = 1
    for size in sizes:
        if size is None:
            return None
        total *= size
    return total


def broadcast(left: Sized, right: Sized, what: str) -> Sized:
    """The result of an elementwise operation. Raises Mismatch."""
    rank = max(len(left.sizes), len(right.sizes))
    sides = [(1,) * (rank - len(side.sizes)) + side.sizes for side in (left, right)]
    sizes: list[int | None] = []
    for one, other in zip(*sides, strict=True):
        if None not in (one, other) and one != other and 1 not in (one, other):
            raise Mismatch(f"{what} gets {shown(left.sizes)} and {shown(right.sizes)}, which do not fit", left, right)
        sizes.append(other if one == 1 else one if other == 1 or one is not None else other)
    longer = max(left, right, key=lambda side: len(side.steps))
    return longer.then(tuple(sizes))

"""Inputs chosen to make an export disagree: families of values, and other sizes of each dynamic dimension."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch

from exportlint.verify.searching.families import FAMILIES, Leaf, brought, changed, spoilt

LARGEST_SIZE = 5000  # of a dimension that is brought to a number the model compares with
MOST_THRESHOLDS = 30
MOST_ELEMENTS = 4_000_000  # of the inputs together, at such sizes


@dataclass(frozen=True)
class Candidate:
    """Leaves by name, made by `family` from `seed`. `tied`: equal values in it may be ranked either way round.

    `varied` is the Python argument that was changed, if it is the one thing that was; `unusual`: a float input holds
    NaN or infinity; `calls`: how often the model is called with them in a row.
    """

    family: str
    seed: int
    leaves: Mapping[str, Leaf]
    tied: bool = False
    resized: bool = False
    varied: str | None = None
    unusual: bool = False
    calls: int = 1


def _plain_values(value: object) -> list[object]:
    """Other values for a Python argument that the export takes as an input."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, max(value - 1, 0), 2 * value + 1, 0, -value - 1]
    if isinstance(value, float):
        return [value * 2 + 1, -value, 0.0, value / 3]
    return []


class Generated:
    """Candidates for one model, in the order of how often they expose something. Replayable from `seed`.

    `numbers` are those that the model's lines compare with, by (path, line).
    """

    def __init__(
        self,
        example: Mapping[str, Leaf],
        seed: int,
        dynamic: Mapping[str, Mapping[int, str]],
        numbers: Mapping[tuple[str, int], frozenset[float]] = MappingProxyType({}),
    ) -> None:
        self.example = dict(example)
        self.seed = seed
        self.dynamic = dynamic
        self.numbers = sorted({number for held in numbers.values() for number in held})
        self._number = 0

    def _generator(self) -> torch.Generator:
        self._number += 1
        return torch.Generator().manual_seed(self.seed * 1_000_003 + self._number)

    def _made(self, family: str, only: str | None, base: Mapping[str, Leaf], resized: bool = False) -> Candidate:
        generator = self._generator()
        leaves = {
            name: changed(leaf, family, generator) if only in (None, name) else leaf for name, leaf in base.items()
        }
        label = family if only is None else f"{family} {only}"
        return Candidate(label, generator.initial_seed(), leaves, FAMILIES[family][3], resized)

    def values(self) -> Iterator[Candidate]:
        """Every family on all inputs at once, then on one input at a time while the others stay as in the example."""
        several = [name for name, leaf in self.example.items() if isinstance(leaf, torch.Tensor)]
        for family in FAMILIES:
            yield self._made(family, None, self.example)
        for name in several if len(several) > 1 else []:
            for family in FAMILIES:
                yield self._made(family, name, self.example)

    def plain(self, names: frozenset[str]) -> Iterator[Candidate]:
        """Other values of the Python arguments among `names`, one at a time."""
        for name in sorted(names):
            for value in _plain_values(self.example[name]):
                yield Candidate(f"{name} = {value!r}", self.seed, {**self.example, name: value}, varied=name)

    def _known_sizes(self) -> dict[str, int]:
        """The example's size of each dynamic dimension."""
        known: dict[str, int] = {}
        for name, axes in self.dynamic.items():
            for axis, label in axes.items():
                known.setdefault(label, self.example[name].shape[axis])
        return known

    def sizes(self) -> Iterator[Candidate]:
        """Other sizes: all dynamic dimensions together, then each alone."""
        known = self._known_sizes()
        for step in range(len(_other_sizes(2))):
            yield self._resized({label: _other_sizes(size)[step] for label, size in known.items()})
        for label, size in known.items() if len(known) > 1 else []:
            for other in _other_sizes(size):
                yield self._resized({label: other})

    def thresholds(self) -> Iterator[Candidate]:
        """Sizes on both sides of whole numbers that the model compares with: of all dimensions, then of each alone."""
        known = self._known_sizes()
        limits = [int(number) for number in self.numbers if number == int(number) and 2 <= number <= LARGEST_SIZE]
        sizes = list(dict.fromkeys(limit + by for limit in limits for by in (1, 0, -1)))[:MOST_THRESHOLDS]
        tried = {size for own in known.values() for size in _other_sizes(own)} if len(set(known.values())) == 1 else ()
        for size in [size for size in sizes if size not in tried]:
            together = [dict.fromkeys(known, size)] if len(known) > 1 else []
            for chosen in (*({label: size} for label in known), *together):
                if self._elements(chosen) <= MOST_ELEMENTS:
                    yield self._resized(chosen)

    def _elements(self, sizes: Mapping[str, int]) -> int:
        """How many elements the inputs have with these sizes."""
        shapes = [
            [sizes.get(axes.get(axis, ""), size) for axis, size in enumerate(self.example[name].shape)]
            for name, axes in self.dynamic.items()
        ]
        return sum(math.prod(shape) for shape in shapes)

    def unusual(self) -> Iterator[Candidate]:
        """One element of the float inputs NaN, then infinite."""
        for value in (math.nan, math.inf):
            leaves = {name: spoilt(leaf, value) for name, leaf in self.example.items()}
            if any(leaf is not self.example[name] for name, leaf in leaves.items()):
                yield Candidate(f"an element {value}", self.seed, leaves, unusual=True)

    def near(self) -> Iterator[Candidate]:
        """Values at the numbers that the model compares with, just beside them and around them."""
        for number in self.numbers:
            for label, by, spread in (
                ("at", 0.0, 0.0),
                ("above", 0.01, 0.0),
                ("below", -0.01, 0.0),
                ("near", 0.0, 0.5),
            ):
                generator = self._generator()
                leaves = {n: brought(leaf, number, by, spread, generator) for n, leaf in self.example.items()}
                yield Candidate(f"{label} {number:g}", generator.initial_seed(), leaves, tied=not spread)

    def _resized(self, sizes: Mapping[str, int]) -> Candidate:
        generator = self._generator()
        leaves = dict(self.example)
        for name, axes in self.dynamic.items():
            leaf = self.example[name]
            shape = [sizes.get(axes.get(axis, ""), size) for axis, size in enumerate(leaf.shape)]
            leaves[name] = changed(_stretched(leaf, shape), "fresh", generator) if shape != list(leaf.shape) else leaf
        label = ", ".join(f"{name}={size}" for name, size in sizes.items())
        return Candidate(f"size {label}", generator.initial_seed(), leaves, resized=True)

    def more(self) -> Iterator[Candidate]:
        """Without end: random scales and shifts of random families, for decisions not yet seen both ways."""
        names = sorted(set(FAMILIES) - {"zeros", "ones", "minus ones"})
        floats = [
            name for name, leaf in self.example.items() if isinstance(leaf, torch.Tensor) and leaf.is_floating_point()
        ]
        while True:
            generator = self._generator()
            family = names[int(torch.randint(len(names), (), generator=generator))]
            made = self._made(family, None, self.example)
            scale, shift = (
                10.0 ** (6 * float(torch.rand((), generator=generator)) - 3),
                float(torch.randn((), generator=generator)),
            )
            leaves = {n: v * scale + shift * scale if n in floats else v for n, v in made.leaves.items()}
            yield Candidate(f"{family} x{scale:.3g}", made.seed, leaves, made.tied)


def _other_sizes(size: int) -> list[int]:
    """Sizes to try instead of `size`: next to it, multiples, small primes, one; always as many."""
    return [size + 1, 2 * size, max(size - 1, 1), 2 * size + 1, 1, 3, 5, 7, 3 * size, size + 32, 2, size // 2 or 1]


def _stretched(leaf: torch.Tensor, shape: list[int]) -> torch.Tensor:
    """`leaf` at another shape, its values repeated or cut: whole numbers stay in the example's range."""
    for axis, size in enumerate(shape):
        have = leaf.shape[axis]
        if have == 0:
            return leaf.new_zeros(shape)
        leaf = leaf.index_select(axis, torch.arange(size) % have)
    return leaf.clone()


def hides_rows(leaves: Mapping[str, Leaf], example: Mapping[str, Leaf]) -> bool:
    """Whether a mask among the leaves is all true, or all false, along its last axis where the example's nowhere is."""

    def kinds(leaf: Leaf) -> set[bool]:
        if not isinstance(leaf, torch.Tensor) or leaf.dtype != torch.bool or leaf.dim() == 0 or leaf.numel() == 0:
            return set()
        return {side for side in (True, False) if bool((leaf == side).all(-1).any())}

    return any(kinds(leaf) - kinds(example[name]) for name, leaf in leaves.items())


def jittered(candidate: Candidate) -> dict[str, Leaf]:
    """The candidate with its float inputs moved a little, so that no two values tie."""
    generator = torch.Generator().manual_seed(candidate.seed)

    def move(leaf: Leaf) -> Leaf:
        if not isinstance(leaf, torch.Tensor) or not leaf.is_floating_point():
            return leaf
        noise = torch.randn(leaf.shape, generator=generator, dtype=torch.float64) * 1e-3
        return (leaf.double() + noise).to(leaf.dtype)

    return {name: move(leaf) for name, leaf in candidate.leaves.items()}

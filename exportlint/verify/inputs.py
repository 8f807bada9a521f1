"""Inputs chosen to make an export disagree: families of values, and other sizes of each dynamic dimension."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch

Change = Callable[[torch.Tensor, torch.Generator], torch.Tensor]
Leaf = object


@dataclass(frozen=True)
class Candidate:
    """Leaves by name, made by `family` from `seed`. `tied`: equal values in it may be ranked either way round.

    `varied` is the Python argument that was changed, if it is the one thing that was.
    """

    family: str
    seed: int
    leaves: Mapping[str, Leaf]
    tied: bool = False
    resized: bool = False
    varied: str | None = None


def _spread(tensor: torch.Tensor) -> tuple[float, float]:
    values = tensor.double()[tensor.double().isfinite()]
    if values.numel() == 0:
        return 0.0, 1.0
    spread = float(values.std(correction=0)) if values.numel() > 1 else 0.0
    return float(values.mean()), spread or max(abs(float(values.mean())), 1.0)


def _real(change: Callable[[torch.Tensor, torch.Generator], torch.Tensor]) -> Change:
    """A change computed in float64 and brought back to the tensor's dtype."""
    return lambda tensor, generator: change(tensor.double(), generator).to(tensor.dtype)


def _fresh(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    if bool((tensor >= 0).all()) and bool((tensor <= 1).all()) and tensor.numel() > 1 and bool((tensor % 1 != 0).any()):
        return torch.rand(tensor.shape, generator=generator, dtype=torch.float64)
    mean, spread = _spread(tensor)
    return torch.randn(tensor.shape, generator=generator, dtype=torch.float64) * spread + mean


def _noise(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    return torch.randn(tensor.shape, generator=generator, dtype=torch.float64)


def _shifted(by: float) -> Change:
    return _real(
        lambda tensor, generator: _fresh(tensor, generator) + by * (_spread(tensor)[1] + abs(_spread(tensor)[0]))
    )


def _sparse(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    return _fresh(tensor, generator) * (torch.rand(tensor.shape, generator=generator) > 0.8)


def _sorted(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    return _noise(tensor, generator).flatten().sort().values.reshape(tensor.shape)


def _permuted(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    order = torch.randperm(tensor.numel(), generator=generator)
    return tensor.flatten()[order].reshape(tensor.shape).clone()


def _between(low: Callable[[int, int], int], high: Callable[[int, int], int]) -> Change:
    """Whole numbers from `low` to `high`, both given the example's smallest and largest."""

    def draw(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        if tensor.numel() == 0:
            return tensor.clone()
        limits = torch.iinfo(tensor.dtype)
        least, most = int(tensor.min()), int(tensor.max())
        first, last = max(low(least, most), limits.min), min(high(least, most), limits.max)
        return torch.randint(first, max(last, first) + 1, tensor.shape, generator=generator, dtype=torch.int64).to(
            tensor.dtype
        )

    return draw


def _filled(value: float) -> Change:
    return lambda tensor, generator: torch.full_like(tensor, value)


def _opposite(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    return -tensor if torch.iinfo(tensor.dtype).min < 0 else tensor.clone()


def _coin(share: float) -> Change:
    return lambda tensor, generator: torch.rand(tensor.shape, generator=generator) < share


_WITHIN = _between(lambda least, most: least, lambda least, most: most)
_UPWARD = _between(lambda least, most: min(least, 0), lambda least, most: most + 1)
# family: (change of a float tensor, of whole numbers, of truth values, whether it makes ties)
FAMILIES: dict[str, tuple[Change, Change, Change, bool]] = {
    "fresh": (_real(_fresh), _WITHIN, _coin(0.5), False),
    "negated": (lambda tensor, generator: -tensor, _opposite, lambda tensor, generator: ~tensor, False),
    "shifted down": (
        _shifted(-4.0),
        _between(lambda least, most: least - 3, lambda least, most: most),
        _coin(0.2),
        False,
    ),
    "shifted up": (_shifted(4.0), _between(lambda least, most: most, lambda least, most: most + 3), _coin(0.8), False),
    "permuted": (_permuted, _permuted, _permuted, False),
    "normal": (_real(_noise), _UPWARD, _coin(0.5), False),
    "smaller": (
        lambda tensor, generator: tensor * 0.01,
        _between(lambda a, b: min(a, 0), lambda a, b: b // 2),
        _coin(0.1),
        False,
    ),
    "larger": (
        lambda tensor, generator: tensor * 10,
        _between(lambda a, b: b, lambda a, b: 2 * b + 2),
        _coin(0.9),
        False,
    ),
    "zeros": (_filled(0), _filled(0), _filled(0), True),
    "ones": (_filled(1), _filled(1), _filled(1), True),
    "minus ones": (_filled(-1), _between(lambda a, b: -max(b, 1), lambda a, b: -1), _filled(0), True),
    "sparse": (_real(_sparse), _between(lambda a, b: 0, lambda a, b: 1), _coin(0.1), True),
    "sorted": (_real(_sorted), lambda t, g: t.flatten().sort().values.reshape(t.shape), _filled(1), False),
    "huge": (lambda tensor, generator: (_noise(tensor, generator) * 1e3).to(tensor.dtype), _UPWARD, _coin(0.5), False),
    "tiny": (lambda tensor, generator: (_noise(tensor, generator) * 1e-3).to(tensor.dtype), _WITHIN, _coin(0.5), False),
}


def changed(leaf: Leaf, family: str, generator: torch.Generator) -> Leaf:
    """One leaf in the manner of a family. Python values and quantised or sparse tensors are returned as they are."""
    if not isinstance(leaf, torch.Tensor) or leaf.is_quantized or leaf.layout != torch.strided:
        return leaf
    real, whole, truth, _ = FAMILIES[family]
    if leaf.dtype == torch.bool:
        return truth(leaf, generator).to(torch.bool)
    if leaf.is_complex():
        return torch.complex(real(leaf.real, generator), real(leaf.imag, generator)).to(leaf.dtype)
    return (real if leaf.is_floating_point() else whole)(leaf, generator).to(leaf.dtype)


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
    """Candidates for one model, in the order of how often they expose something. Replayable from `seed`."""

    def __init__(self, example: Mapping[str, Leaf], seed: int, dynamic: Mapping[str, Mapping[int, str]]) -> None:
        self.example = dict(example)
        self.seed = seed
        self.dynamic = dynamic
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

    def sizes(self) -> Iterator[Candidate]:
        """Other sizes: all dynamic dimensions together, then each alone."""
        known = {}
        for name, axes in self.dynamic.items():
            for axis, label in axes.items():
                known.setdefault(label, self.example[name].shape[axis])
        for step in range(len(_other_sizes(2))):
            yield self._resized({label: _other_sizes(size)[step] for label, size in known.items()})
        for label, size in known.items() if len(known) > 1 else []:
            for other in _other_sizes(size):
                yield self._resized({label: other})

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


def jittered(candidate: Candidate) -> dict[str, Leaf]:
    """The candidate with its float inputs moved a little, so that no two values tie."""
    generator = torch.Generator().manual_seed(candidate.seed)

    def move(leaf: Leaf) -> Leaf:
        if not isinstance(leaf, torch.Tensor) or not leaf.is_floating_point():
            return leaf
        noise = torch.randn(leaf.shape, generator=generator, dtype=torch.float64) * 1e-3
        return (leaf.double() + noise).to(leaf.dtype)

    return {name: move(leaf) for name, leaf in candidate.leaves.items()}


def hides_rows(leaves: Mapping[str, Leaf], example: Mapping[str, Leaf]) -> bool:
    """Whether a mask among the leaves is all true, or all false, along its last axis where the example's nowhere is."""

    def kinds(leaf: Leaf) -> set[bool]:
        if not isinstance(leaf, torch.Tensor) or leaf.dtype != torch.bool or leaf.dim() == 0 or leaf.numel() == 0:
            return set()
        return {side for side in (True, False) if bool((leaf == side).all(-1).any())}

    return any(kinds(leaf) - kinds(example[name]) for name, leaf in leaves.items())

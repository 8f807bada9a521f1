"""Families of values: what is made of one input, be it a float, a whole number or a truth value."""

from __future__ import annotations

from collections.abc import Callable

import torch

Change = Callable[[torch.Tensor, torch.Generator], torch.Tensor]
Leaf = object
LARGEST_WHOLE = 10_000  # that a whole number is brought to: models make tensors of such sizes


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


def spoilt(leaf: Leaf, value: float) -> Leaf:
    """A float tensor whose last element is `value`; anything else as it is."""
    if not isinstance(leaf, torch.Tensor) or not leaf.is_floating_point() or not leaf.numel() or not _plain(leaf):
        return leaf
    spoilt = leaf.clone(memory_format=torch.contiguous_format)
    spoilt.view(-1)[-1] = value
    return spoilt


def brought(leaf: Leaf, number: float, by: float, spread: float, generator: torch.Generator) -> Leaf:
    """A tensor filled with `number`, moved by a share of it, or spread around it; whole numbers by one at least."""
    if not isinstance(leaf, torch.Tensor) or leaf.dtype == torch.bool or leaf.is_complex() or not _plain(leaf):
        return leaf
    whole = not leaf.is_floating_point()
    if whole and abs(number) > LARGEST_WHOLE:
        return leaf
    size = max(abs(number), 1.0)
    noise = torch.randn(leaf.shape, generator=generator, dtype=torch.float64) * spread
    moved = number + by * (100.0 if whole else size) + noise * size
    if not whole:
        return moved.to(leaf.dtype)
    limits = torch.iinfo(leaf.dtype)
    return moved.round().clamp(limits.min, limits.max).to(leaf.dtype)


def _plain(leaf: torch.Tensor) -> bool:
    return not leaf.is_quantized and leaf.layout == torch.strided

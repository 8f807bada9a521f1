"""Eager PyTorch's output against the exported model's: number, nesting, names, dtype, shape, NaN, infinity, values.

Nothing is broadcast, nothing is zipped short, and comparing nothing is a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from exportlint.verify.contract import ERROR_EDGES
from exportlint.verify.judging.tolerance import Noise, allowed, rounds
from exportlint.verify.structure import NUMBERS, children, leaves

UNKNOWN = Noise()


@dataclass(frozen=True)
class Difference:
    """The first output that differs. `kind`: structure, dtype, shape, nan, value. `histogram` as in contract.Result.

    `allowed` is the difference that the worst element might have had.
    """

    kind: str
    output: str
    reason: str
    expected: str
    got: str
    histogram: tuple[int, ...] = ()
    allowed: float = 0.0


@dataclass(frozen=True)
class Comparison:
    """The outcome: None as `difference` where all agrees, and the largest differences over all values compared.

    `times` is the largest as a multiple of the noise, 0 where that is unknown.
    """

    difference: Difference | None
    max_abs: float = 0.0
    max_rel: float = 0.0
    times: float = 0.0


def compare(expected: Any, got: Any, noise: Noise = UNKNOWN) -> Comparison:
    """Compares two outputs of the same nesting; `noise` is eager mode's own rounding error."""
    difference = _nesting("", expected, got)
    if difference:
        return Comparison(difference)
    return _all(list(leaves(expected)), [leaf for _, leaf in leaves(got)], noise)


def compare_flat(expected: Any, got: list[torch.Tensor], noise: Noise = UNKNOWN) -> Comparison:
    """Compares an output with the flat list of tensors that an ONNX file returns.

    Python numbers among the outputs may be there as tensors or not at all; None and strings never are.
    """
    named = [(name, leaf) for name, leaf in leaves(expected) if isinstance(leaf, (torch.Tensor, *NUMBERS))]
    if len(got) != len(named):
        named = [(name, leaf) for name, leaf in named if isinstance(leaf, torch.Tensor)]
    if len(got) != len(named):
        counts = (f"{len(named)} outputs", f"{len(got)} outputs")
        return Comparison(Difference("structure", "", "the number of outputs differs", *counts))
    return _all(named, [_like(leaf, value) for (_, leaf), value in zip(named, got, strict=True)], noise)


def _like(leaf: Any, value: torch.Tensor) -> Any:
    return value.item() if isinstance(leaf, NUMBERS) and value.numel() == 1 else value


def _kind(value: Any) -> str:
    if children(value) is None:
        return "a tensor" if isinstance(value, torch.Tensor) else type(value).__name__
    return "a list or tuple" if isinstance(value, (list, tuple)) else "a table"


def _nesting(name: str, expected: Any, got: Any) -> Difference | None:
    """Lists and tuples count as the same; so do tables, named tuples and dataclasses with the same names."""
    ours, theirs = children(expected), children(got)
    if ours is None and theirs is None:
        return None
    if ours is None or theirs is None:
        return Difference("structure", name, "the nesting of the outputs differs", _kind(expected), _kind(got))
    # an exporter may hand back a named tuple or a dataclass as a plain tuple
    if not (isinstance(expected, tuple) or isinstance(got, tuple)) and [k for k, _ in ours] != [k for k, _ in theirs]:
        keys = (", ".join(key for key, _ in ours), ", ".join(key for key, _ in theirs))
        return Difference("structure", name, "the names or the number of the outputs differ", *keys)
    if len(ours) != len(theirs):
        counts = (f"{len(ours)} outputs", f"{len(theirs)} outputs")
        return Difference("structure", name, "the number of outputs differs", *counts)
    for (key, one), (_, other) in zip(ours, theirs, strict=True):
        difference = _nesting(f"{name}.{key}" if name else key, one, other)
        if difference:
            return difference
    return None


def _all(expected: list[tuple[str, Any]], got: list[Any], noise: Noise) -> Comparison:
    if not any(isinstance(leaf, (torch.Tensor, *NUMBERS)) for _, leaf in expected):
        return Comparison(
            Difference("structure", "", "the model returns no tensor: nothing to compare", "no tensor", "no tensor")
        )
    each = [
        _tensor(name, one, other, noise) if isinstance(one, torch.Tensor) else Comparison(_plain(name, one, other))
        for (name, one), other in zip(expected, got, strict=True)
    ]
    return Comparison(
        next((one.difference for one in each if one.difference), None),
        max(one.max_abs for one in each),
        max(one.max_rel for one in each),
        max(one.times for one in each),
    )


def _plain(name: str, expected: Any, got: Any) -> Difference | None:
    if isinstance(expected, NUMBERS):
        value = got.item() if isinstance(got, torch.Tensor) and got.numel() == 1 else got
        if not isinstance(value, NUMBERS):
            return Difference("structure", name, "a number became something else", _short(expected), _short(got))
        agrees = (
            value == expected
            or (value != value and expected != expected)
            or abs(value - expected) <= 1e-5 * abs(expected)
        )
        return None if agrees else Difference("value", name, "a Python number differs", _short(expected), _short(got))
    return None


def _short(value: Any) -> str:
    return _kind(value) if isinstance(value, torch.Tensor) and value.numel() != 1 else str(value)[:80]


def _tensor(name: str, one: torch.Tensor, other: Any, noise: Noise) -> Comparison:
    if not isinstance(other, torch.Tensor):
        return Comparison(Difference("structure", name, "a tensor became something else", "a tensor", _short(other)))
    one, other = one.detach().to_dense().cpu(), other.detach().to_dense().cpu()
    if one.dtype != other.dtype:
        return Comparison(Difference("dtype", name, "the dtype differs", _dtype(one), _dtype(other)))
    if one.shape != other.shape:
        return Comparison(Difference("shape", name, "the shape differs", str(list(one.shape)), str(list(other.shape))))
    if one.numel() == 0:
        return Comparison(None)
    return _values(name, one, other, noise)


def _values(name: str, one: torch.Tensor, other: torch.Tensor, noise: Noise) -> Comparison:
    if torch.equal(one, other):  # forty times as fast as what follows: weights of a gigabyte are compared too
        return Comparison(None)
    wide = torch.complex128 if one.is_complex() else torch.float64
    a, b = one.to(wide), other.to(wide)
    same = (a == b) | (a.isnan() & b.isnan()) if rounds(one) else one == other
    error, size = torch.where(same, 0.0, (a - b).abs()), a.abs()
    may = allowed(name, one, a, noise).expand_as(size)
    bad = ~same & ~(error <= may)
    finite = error[error.isfinite()]
    largest = float(finite.max()) if finite.numel() else 0.0
    sized = (error / size.clamp_min(1e-12))[error.isfinite() & size.isfinite()]
    part = float(sized.max()) if sized.numel() else 0.0
    measured = noise.of(name, a) if rounds(one) else None
    times = largest / measured if measured else 0.0
    if not bool(bad.any()):
        return Comparison(None, largest, part, times)
    ranked = torch.where(bad, error.nan_to_num(nan=torch.inf, posinf=torch.inf), -1.0)
    at = tuple(int(i) for i in torch.unravel_index(ranked.argmax(), ranked.shape))
    nan = bool((a.isnan() != b.isnan()).any())
    what = "NaN stands in other places" if nan else "the values differ"
    place = f" at {list(at)}" if at else ""
    reason = f"{what}: {int(bad.sum())} of {one.numel()}, worst{place}" if one.numel() > 1 else what
    shown = (_number(one[at]), _number(other[at]))
    if shown[0] == shown[1]:
        shown = (repr(one[at].item()), repr(other[at].item()))
    found = Difference("nan" if nan else "value", name, reason, *shown, _histogram(error), float(may[at]))
    return Comparison(found, largest, part, times)


def _histogram(error: torch.Tensor) -> tuple[int, ...]:
    """How many elements differ not at all, by up to each of the edges, and by more (NaN and infinity too)."""
    edges = torch.tensor((0.0, *ERROR_EDGES), dtype=torch.float64)
    bins = torch.bucketize(error.to(torch.float64).nan_to_num(nan=torch.inf).flatten(), edges)
    return tuple(torch.bincount(bins, minlength=len(edges) + 1).tolist())


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _number(value: torch.Tensor) -> str:
    item = value.item()
    return f"{item:.6g}" if isinstance(item, float) else str(item)

"""Eager PyTorch's output against the exported model's: number, nesting, names, dtype, shape, NaN, infinity, values.

Nothing is broadcast, nothing is zipped short, and comparing nothing is a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from exportlint.verify.contract import ERROR_EDGES
from exportlint.verify.structure import NUMBERS, children, leaves, tensors

# (relative, absolute) per dtype. float32 leaves room for other summation orders in deep models: onnx's own backend
# tests use 1e-3 and 1e-7; what exceeds these is measured against float64 before it counts (see `floor` below).
TOLERANCES = {
    torch.float64: (1e-7, 1e-9),
    torch.float32: (1e-4, 1e-5),
    torch.float16: (1e-2, 1e-3),
    torch.bfloat16: (3e-2, 1e-2),
    torch.complex64: (1e-4, 1e-5),
    torch.complex128: (1e-7, 1e-9),
}
FLOOR_FACTOR = 16.0  # how far above eager's own rounding error a difference may lie


@dataclass(frozen=True)
class Difference:
    """The first output that differs. `kind`: structure, dtype, shape, nan, value. `histogram` as in contract.Result."""

    kind: str
    output: str
    reason: str
    expected: str
    got: str
    histogram: tuple[int, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """The outcome: None as `difference` where all agrees, and the largest differences over all values compared."""

    difference: Difference | None
    max_abs: float = 0.0
    max_rel: float = 0.0


def compare(expected: Any, got: Any, floor: Any = None) -> Comparison:
    """Compares two outputs of the same nesting. `floor` is the same output computed in float64, where there is one."""
    difference = _nesting("", expected, got)
    if difference:
        return Comparison(difference)
    return _all(list(leaves(expected)), [leaf for _, leaf in leaves(got)], floor)


def compare_flat(expected: Any, got: list[torch.Tensor], floor: Any = None) -> Comparison:
    """Compares an output with the flat list of tensors that an ONNX file returns.

    Python numbers among the outputs may be there as tensors or not at all; None and strings never are.
    """
    named = [(name, leaf) for name, leaf in leaves(expected) if isinstance(leaf, (torch.Tensor, *NUMBERS))]
    if len(got) != len(named):
        named = [(name, leaf) for name, leaf in named if isinstance(leaf, torch.Tensor)]
    if len(got) != len(named):
        counts = (f"{len(named)} outputs", f"{len(got)} outputs")
        return Comparison(Difference("structure", "", "the number of outputs differs", *counts))
    return _all(named, [_like(leaf, value) for (_, leaf), value in zip(named, got, strict=True)], floor)


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


def _all(expected: list[tuple[str, Any]], got: list[Any], floor: Any) -> Comparison:
    if not any(isinstance(leaf, (torch.Tensor, *NUMBERS)) for _, leaf in expected):
        return Comparison(
            Difference("structure", "", "the model returns no tensor: nothing to compare", "no tensor", "no tensor")
        )
    floors = dict(tensors(floor)) if floor is not None else {}
    first, largest, relative = None, 0.0, 0.0
    for (name, one), other in zip(expected, got, strict=True):
        if not isinstance(one, torch.Tensor):
            difference = _plain(name, one, other)
        else:
            difference, by, part = _tensor(name, one, other, floors.get(name))
            largest, relative = max(largest, by), max(relative, part)
        first = first or difference
    return Comparison(first, largest, relative)


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


def _tensor(
    name: str, one: torch.Tensor, other: Any, floor: torch.Tensor | None
) -> tuple[Difference | None, float, float]:
    if not isinstance(other, torch.Tensor):
        return Difference("structure", name, "a tensor became something else", "a tensor", _short(other)), 0.0, 0.0
    one, other = one.detach().to_dense().cpu(), other.detach().to_dense().cpu()
    if one.dtype != other.dtype:
        return Difference("dtype", name, "the dtype differs", _dtype(one), _dtype(other)), 0.0, 0.0
    if one.shape != other.shape:
        return Difference("shape", name, "the shape differs", str(list(one.shape)), str(list(other.shape))), 0.0, 0.0
    if one.numel() == 0:
        return None, 0.0, 0.0
    return _values(name, one, other, floor)


def _values(
    name: str, one: torch.Tensor, other: torch.Tensor, floor: torch.Tensor | None
) -> tuple[Difference | None, float, float]:
    wide = torch.complex128 if one.is_complex() else torch.float64
    exact = not (one.is_floating_point() or one.is_complex())
    a, b = one.to(wide), other.to(wide)
    same = (one == other) if exact else (a == b) | (a.isnan() & b.isnan())
    error = torch.where(same, 0.0, (a - b).abs())
    relative, absolute = (0.0, 0.0) if exact else TOLERANCES.get(one.dtype, (1e-1, 1e-1))
    size = a.abs()
    allowed = absolute + relative * torch.where(size.isfinite(), size, 0.0)
    if floor is not None and floor.shape == one.shape:
        exactly = floor.to(wide)
        own = torch.where(exactly == a, 0.0, (exactly - a).abs())
        # over the whole tensor: rounding that is blown up anywhere falls on other elements in another runtime
        worst = float(own.nan_to_num(nan=torch.inf).max())
        allowed = (torch.inf if worst else 0.0) if exact else torch.maximum(allowed, torch.tensor(FLOOR_FACTOR * worst))
    bad = ~same & ~(error <= allowed)
    finite = error[error.isfinite()]
    largest = float(finite.max()) if finite.numel() else 0.0
    sized = (error / size.clamp_min(1e-12))[error.isfinite() & size.isfinite()]
    part = float(sized.max()) if sized.numel() else 0.0
    if not bool(bad.any()):
        return None, largest, part
    ranked = torch.where(bad, error.nan_to_num(nan=torch.inf, posinf=torch.inf), -1.0)
    at = tuple(int(i) for i in torch.unravel_index(ranked.argmax(), ranked.shape))
    nan = bool((a.isnan() != b.isnan()).any())
    what = "NaN stands in other places" if nan else "the values differ"
    place = f" at {list(at)}" if at else ""
    reason = f"{what}: {int(bad.sum())} of {one.numel()}, worst{place}" if one.numel() > 1 else what
    shown = (_number(one[at]), _number(other[at]))
    return Difference("nan" if nan else "value", name, reason, *shown, _histogram(error)), largest, part


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

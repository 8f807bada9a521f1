"""The first line of the user's code whose values the exported model never computes.

Eager mode runs with every operator's result noted by line; the exported model runs with all its intermediate values
noted. Walking back from the outputs, lines are unmatched until the fault: the first of those is where the two part.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from exportlint.verify.eager import Eager, fresh_call, fresh_model, seed_all
from exportlint.verify.frames import Place, UserCode
from exportlint.verify.structure import tensors
from exportlint.verify.targets import Call, Exported

MOST_ELEMENTS = 50_000_000  # of all values noted in one run; what comes later is not looked at
NEAR = 1e-3  # relative to the largest value: a fault is coarser than rounding


class _Noted(TorchDispatchMode):
    """Keeps a copy of each operator's result, with the user's line where `code` is given."""

    def __init__(self, code: UserCode | None) -> None:
        super().__init__()
        self.code = code
        self.values: list[tuple[Place | None, torch.Tensor]] = []
        self.left = MOST_ELEMENTS

    def __torch_dispatch__(self, func: Any, types: Any, args: Sequence = (), kwargs: Mapping | None = None) -> Any:
        result = func(*args, **(kwargs or {}))
        place = self.code.above(sys._getframe(1)) if self.code else None
        if place or not self.code:
            for _, tensor in tensors(result):
                self.left -= tensor.numel()
                if self.left > 0 and tensor.layout == torch.strided:
                    self.values.append((place, tensor.detach().clone()))
        return result


def first_divergent(eager: Eager, exported: Exported, call: Call, seed: int) -> Place | None:
    """Where the two runs part, None when that cannot be told. Neither run may raise on `call`."""
    try:
        theirs = _exported_values(exported, call, seed)
    except Exception:  # the exported model fails on this input: its values are unknown
        return None
    known: dict[tuple[int, ...], list[torch.Tensor]] = {}
    for value in theirs:
        known.setdefault(tuple(value.shape), []).append(_wide(value))
    found = None
    for place, value in reversed(list(_last_of_each_visit(_eager_values(eager, call, seed)))):
        if any(_close(_wide(value), other) for other in known.get(tuple(value.shape), ())):
            break
        found = place
    return found


def _eager_values(eager: Eager, call: Call, seed: int) -> list[tuple[Place | None, torch.Tensor]]:
    model, mine = fresh_model(eager.model), fresh_call(call)
    noted = _Noted(eager.code)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seed_all(seed)
        with noted:
            model(*mine.args, **mine.kwargs)
    return noted.values


def _exported_values(exported: Exported, call: Call, seed: int) -> list[torch.Tensor]:
    mine = fresh_call(call)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seed_all(seed)
        if exported.values:
            return exported.values(mine)
        if exported.reload:
            exported.reload()
        with _Noted(None) as noted:
            exported.run(mine)
    return [value for _, value in noted.values] + [tensor for _, tensor in tensors(call.leaves())]


def _last_of_each_visit(values: Sequence[tuple[Place | None, torch.Tensor]]) -> Iterator[tuple[Place, torch.Tensor]]:
    """What a line computed last, each time it ran: its inner steps may well be fused away."""
    for number, (place, value) in enumerate(values):
        last = number + 1 == len(values) or values[number + 1][0] != place
        if place and last:
            yield place, value


def _wide(value: torch.Tensor) -> torch.Tensor:
    return value.to(torch.complex128 if value.is_complex() else torch.float64)


def _close(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.numel() == 0:
        return True
    if one.is_complex() != other.is_complex():
        return False
    finite = one[one.isfinite()].abs()
    scale = float(finite.max()) if finite.numel() else 1.0
    return bool(torch.allclose(one, other, rtol=NEAR, atol=NEAR * min(scale, 1.0) + 1e-12, equal_nan=True))

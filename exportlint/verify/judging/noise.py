"""Measures eager PyTorch's own rounding error on one call: in float64, on one thread, and rounded otherwise.

Another runtime orders its sums otherwise and fuses operators; every one of its results is as good as eager mode's, and
another. What that comes to at the end depends on the model: so each weight and each operator's result is moved by a
unit in its last place at random, a few times (Monte Carlo arithmetic: Parker, Pierce and Eggert, 2000).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from exportlint.verify.eager import Eager, Run, fresh_call, fresh_model, seed_all
from exportlint.verify.judging.tolerance import Noise, magnitude, rounds
from exportlint.verify.structure import replaced, tensors
from exportlint.verify.targets import Call
from exportlint.verify.watching import Watching

TIMES = 2  # runs that are rounded otherwise
EXACT = ("clone", "detach")  # inputs are copied, and handed to every runtime alike
PART = 1 << 16  # elements moved at a time: what fits into a processor's cache is moved five times as fast
WHOLE = 1024.0  # whole numbers up to here are taken for exact: masks, indices, counts


def measured(eager: Eager, call: Call, seed: int, truth: Run, threads: bool = False) -> Noise:
    """The noise of `truth`, eager mode's run of this call; on one thread too where `threads` says so."""
    wide = _wide(eager, call, seed)
    moved, coarsest = _moved(eager, call, seed, truth)
    alone = [_alone(eager, call, seed)] if threads and torch.get_num_threads() > 1 else []
    outputs = _dense(truth.output)
    exact = {name: _error(one, other, torch.inf) for name, one, other in _pairs(outputs, _dense(wide))}
    errors = {name: [_half_a_unit(output)] for name, output in outputs.items() if rounds(output)}
    for other in (wide, *alone, *moved):
        for name, one, two in _pairs(outputs, _dense(other)):
            if name in errors:
                errors[name].append(_error(one, two, 0.0) / magnitude(one))
    relative = {name: max(each) for name, each in errors.items()}
    known = wide is not None or moved
    return Noise(relative if known else {}, exact, coarsest, blind=wide is None)


def _dense(output: Any) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().to_dense().cpu() for name, tensor in tensors(output)}


def _pairs(
    outputs: Mapping[str, torch.Tensor], others: Mapping[str, torch.Tensor]
) -> list[tuple[str, torch.Tensor, torch.Tensor]]:
    return [(n, one, others[n]) for n, one in outputs.items() if n in others and others[n].shape == one.shape]


def _wide(eager: Eager, call: Call, seed: int) -> Any:
    """The output computed in float64, None where the model cannot."""
    model = fresh_model(eager.model)
    if model is eager.model:
        return None

    def widen(_: str, leaf: Any) -> Any:
        return leaf.double() if isinstance(leaf, torch.Tensor) and leaf.is_floating_point() else leaf

    mine = fresh_call(call)
    args, kwargs = replaced((list(mine.args), dict(mine.kwargs)), widen)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seed_all(seed)
        try:
            return model.double()(*args, **kwargs)
        except Exception:  # whatever the user's code raises here says only that it is bound to its dtype
            return None


def _alone(eager: Eager, call: Call, seed: int) -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return eager.run(call, seed).output
    finally:
        torch.set_num_threads(threads)


def _moved(eager: Eager, call: Call, seed: int, truth: Run) -> tuple[list[Any], torch.dtype | None]:
    """Outputs of runs rounded otherwise that decided alike, and the coarsest dtype that took part."""
    found, coarsest = [], None
    for number in range(TIMES):
        model = fresh_model(eager.model)
        if model is eager.model:
            return [], None
        moving = _Moving(torch.Generator().manual_seed(seed + number))
        with torch.no_grad():
            for weight in (*model.parameters(), *model.buffers()):
                moving.move(weight)
        try:
            with moving:
                run = Eager(model, eager.code).run(call, seed)
        except Exception:  # an operator that refuses such a run says nothing about rounding
            return [], None
        coarsest = moving.coarsest
        if not truth.record.differing(run.record):
            found.append(run.output)
    return found, coarsest


class _Moving(Watching):
    """Moves each result of an operator by a unit in its last place, up or down; whole numbers stay."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.generator = generator
        self.coarsest: torch.dtype | None = None

    def operator(self, func: Any, args: Sequence, kwargs: Mapping) -> Any:
        """Run an operator."""
        result = func(*args, **kwargs)
        views = any(answer.alias_info and not answer.alias_info.is_write for answer in func._schema.returns)
        exact = views or func.overloadpacket.__name__ in EXACT
        for _, tensor in tensors(result) if not exact else ():
            self.move(tensor)
        return result

    def move(self, tensor: torch.Tensor) -> None:
        """Moves a tensor in place."""
        if tensor.is_complex():
            return self.move(torch.view_as_real(tensor))
        if not tensor.is_floating_point() or tensor.layout != torch.strided or not tensor.numel():
            return None
        step = torch.finfo(tensor.dtype).eps
        if self.coarsest is None or step > torch.finfo(self.coarsest).eps:
            self.coarsest = tensor.dtype
        for part in tensor.view(-1).split(PART) if tensor.is_contiguous() else (tensor,):
            sign = torch.randint(0, 2, part.shape, generator=self.generator).to(part.device, part.dtype) * 2 - 1
            whole = (part == part.round()) & (part.abs() <= WHOLE)
            part.copy_(torch.where(whole, part, part * (1 + step * sign)))
        return None


def _half_a_unit(tensor: torch.Tensor) -> float:
    return 0.5 * torch.finfo(tensor.dtype).eps


def _error(one: torch.Tensor, other: torch.Tensor, of_nan: float) -> float:
    """The largest difference; `of_nan` where only one is a number, or is finite."""
    if one.numel() == 0:
        return 0.0
    dtype = torch.complex128 if one.is_complex() else torch.float64
    a, b = one.to(dtype), other.to(dtype)
    apart = torch.where((a == b) | (a.isnan() & b.isnan()), 0.0, (a - b).abs())
    return float(apart.nan_to_num(nan=of_nan, posinf=of_nan).max())

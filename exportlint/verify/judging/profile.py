"""How the difference from eager PyTorch grows along the model: what a report plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from exportlint.verify.contract import MOST_ITEMS, Stage
from exportlint.verify.eager import Eager
from exportlint.verify.judging.divergence import Operator, eager_run, exported_values, wide
from exportlint.verify.targets import Call, Exported

MOST_COMPARED = 50_000_000  # elements compared in all; later steps are left out
FAR = 1e-3  # relative error at which the two have parted, as in divergence.NEAR


def profile(eager: Eager, exported: Exported, call: Call, seed: int) -> tuple[Stage, ...]:
    """The steps of the eager run in order, thinned out to `MOST_ITEMS`; none when the exported model fails there."""
    try:
        theirs = exported_values(exported, call, seed)
    except Exception:  # user code and runtimes raise anything; without values there is nothing to follow
        return ()
    known: dict[tuple[int, ...], list[torch.Tensor]] = {}
    for value in theirs:
        if value.layout == torch.strided and not value.is_nested:
            known.setdefault(tuple(value.shape), []).append(wide(value))
    noted, _ = eager_run(eager, call, seed)
    stages, left = [], MOST_COMPARED
    for operator in _last_of_each_visit(noted.operators):
        value, place = operator.value, operator.place
        if place is None or value is None or not value.numel():
            continue
        left -= value.numel() * len(known.get(tuple(value.shape), ()))
        if left < 0:
            break
        stages.append(Stage(place.path, place.line, operator.name.partition("::")[2], _nearest(value, known)))
    return tuple(_thinned(stages))


def _last_of_each_visit(operators: Sequence[Operator]) -> list[Operator]:
    """The operators that depend on an input; the others are constants, which an export need not compute."""
    kept: list[Operator] = []
    for operator in operators:
        if not operator.fed:
            continue
        if kept and kept[-1].place == operator.place:
            kept.pop()
        kept.append(operator)
    return kept


def _nearest(value: torch.Tensor, known: Mapping[tuple[int, ...], list[torch.Tensor]]) -> float | None:
    others = known.get(tuple(value.shape), ())
    mine = wide(value)
    errors = [_error(mine, other) for other in others if mine.is_complex() == other.is_complex()]
    return min(errors, default=None)


def _error(one: torch.Tensor, other: torch.Tensor) -> float:
    """The largest difference relative to the largest element, at most 1; NaN and infinity in other places count 1."""
    same = (one == other) | (one.isnan() & other.isnan())
    apart = torch.where(same, 0.0, (one - other).abs()).nan_to_num(nan=torch.inf)
    finite = one[one.isfinite()].abs()
    scale = float(finite.max()) if finite.numel() else 0.0
    worst = float(apart.max())
    return min(worst / max(scale, 1e-12), 1.0) if worst else 0.0


def _thinned(stages: Sequence[Stage]) -> list[Stage]:
    """At most `MOST_ITEMS` of the stages, evenly, and the two between which the runs part."""
    if len(stages) <= MOST_ITEMS:
        return list(stages)
    parted = next((at for at, stage in enumerate(stages) if stage.error is None or stage.error > FAR), 0)
    kept = {round(at * (len(stages) - 1) / (MOST_ITEMS - 3)) for at in range(MOST_ITEMS - 2)}
    return [stages[at] for at in sorted(kept | {parted, max(parted - 1, 0)})]

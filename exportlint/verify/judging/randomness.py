"""Random models: whether their export still draws, and from the same distribution."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable
from typing import Any

import torch

from exportlint.verify.eager import fresh_call, fresh_model, seed_all
from exportlint.verify.judging.compare import compare
from exportlint.verify.searching.search import Search
from exportlint.verify.structure import tensors

DRAWS = 400  # of each side, as far as the time allows
FEWEST = 60
LONGEST = 3.0  # seconds for each side
POSITIONS = 8  # elements of the outputs that are looked at
SURE = 1e-8  # chance of a false alarm at one element


def is_frozen(search: Search) -> bool:
    """Whether an export of a random model answers the same each time."""
    answers = _answers(search, 3)
    return all(compare(answers[0], other).difference is None for other in answers[1:])


def drawn_otherwise(search: Search) -> str | None:
    """How the export's outputs are distributed otherwise than eager mode's; None when no difference shows.

    The two-sample test of Kolmogorov and Smirnov on single elements of the outputs, each over many runs.
    """
    model = fresh_model(search.eager.model)
    ours = _drawn(lambda call: model(*call.args, **call.kwargs), search, 1)
    theirs = _drawn(search.exported.run, search, 100_003)
    if min(len(ours), len(theirs)) < FEWEST or ours.shape[1] != theirs.shape[1]:
        return None
    few, many = len(ours), len(theirs)
    critical = math.sqrt(-math.log(SURE / 2) / 2 * (few + many) / (few * many))
    for at in range(ours.shape[1]):
        one, other = ours[:, at].sort().values, theirs[:, at].sort().values
        if _distance(one, other) > critical:
            return (
                f"expected mean {float(one.mean()):.3g} and deviation {float(one.std()):.3g}, "
                f"got {float(other.mean()):.3g} and {float(other.std()):.3g} over {min(few, many)} runs"
            )
    return None


def _distance(one: torch.Tensor, other: torch.Tensor) -> float:
    both = torch.cat([one, other])
    below = [torch.searchsorted(side, both, right=True) / len(side) for side in (one, other)]
    return float((below[0] - below[1]).abs().max())


def _drawn(run: Callable[[Any], Any], search: Search, first: int) -> torch.Tensor:
    """A row of a few output elements for each run, as many as the time allows."""
    rows: list[torch.Tensor] = []
    until = time.monotonic() + LONGEST
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while len(rows) < DRAWS and time.monotonic() < until:
            seed_all(first + len(rows))
            rows.append(_elements(run(fresh_call(search.call))))
    return torch.stack(rows) if len({len(row) for row in rows}) == 1 else torch.zeros(0, 0)


def _elements(output: Any) -> torch.Tensor:
    flat = [tensor.detach().double().flatten() for _, tensor in tensors(output) if not tensor.is_complex()]
    every = torch.cat(flat) if flat else torch.zeros(0, dtype=torch.float64)
    chosen = torch.linspace(0, max(len(every) - 1, 0), min(POSITIONS, len(every))).long()
    return every[chosen]


def _answers(search: Search, count: int) -> list[Any]:
    answers = []
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(1, count + 1):
            seed_all(seed)
            answers.append(search.exported.run(fresh_call(search.call)))
    return answers

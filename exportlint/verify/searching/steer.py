"""Inputs that follow the slope of a decision to its other side, for decisions that other inputs left one-sided."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import torch

from exportlint.verify.searching.decisions import VALUE_READS, Record
from exportlint.verify.searching.families import Leaf
from exportlint.verify.searching.inputs import Candidate
from exportlint.verify.searching.margins import Slope, slope

if TYPE_CHECKING:
    from exportlint.verify.searching.outcome import Trial
    from exportlint.verify.searching.search import Search

STEPS = 6  # of Newton's method; a margin that is linear in the inputs takes one
BEYOND = (0.001, 0.05)  # how far to the other side, as shares of the way there: it may be narrow, or curved
MOST_BASES = 3  # inputs to start from
MOST_AIMS = 12  # reads of a value, each with a number to bring it to
Place = tuple[str, int]


def steered(search: Search, deadline: float) -> Iterator[Candidate]:
    """Candidates for each decision that went one way only, until it is seen both ways; none begun after `deadline`."""
    seen: set[Place] = set()
    # a decision turned over may lead to further ones
    while waiting := [place for place in search.undecided() if place not in seen]:
        place = waiting[0]
        seen.add(place)
        for candidate in _towards(search, place):
            if place not in search.undecided() or time.monotonic() > deadline:
                break
            yield candidate


def _towards(search: Search, place: Place) -> Iterator[Candidate]:
    for base in _reaching(search, place):
        for at, nth, aim in _aims(base.record, place):
            yield from _followed(search, base.candidate, at, nth, aim)


def _reaching(search: Search, place: Place) -> list[Trial]:
    found = [trial for trial in search.outcome.trials if any(key[:2] == place for key in trial.record.outcomes)]
    # first those that came furthest in a test of several parts
    found.sort(key=lambda trial: -len(trial.record.outcomes.get((*place, "__bool__"), ())))
    return found[:MOST_BASES]


def _aims(record: Record, place: Place) -> list[tuple[Place, int, float]]:
    """Where to read a margin or a value, the how manieth there, and what to bring it to."""
    if (*place, "__bool__") in record.outcomes:
        count = len(record.outcomes[(*place, "__bool__")])
        # of several parts the last that was looked at settled the test
        return [(place, nth, 0.0) for nth in dict.fromkeys((count - 1, 0))]
    reads = list(dict.fromkeys(key[:2] for key in record.outcomes if key[0] == place[0] and key[2] in VALUE_READS))
    numbers = sorted(record.numbers.get(place, frozenset()) | {0.0}, key=lambda number: (number == 0, number))
    return [(read, 0, float(number)) for read in reversed(reads) for number in numbers][:MOST_AIMS]


def _followed(search: Search, base: Candidate, at: Place, nth: int, aim: float) -> Iterator[Candidate]:
    """Newton's steps from `base` to where the margin is `aim`, and beyond."""
    leaves, side = dict(base.leaves), 0.0
    for _ in range(STEPS):
        found = slope(search.eager, search.call.with_leaves(leaves), at, nth, search.seed)
        if found is None or not _steep(found):
            return
        way = aim - found.margin
        side = side or math.copysign(1.0, way or 1.0)
        least = 1e-2 * max(abs(aim), 1.0)
        beyond = [way + side * share * max(abs(way), least) for share in BEYOND]
        # right there only where that is another side: on the edge of an inequality, rounding decides
        for step in (way, *beyond) if found.touching or aim else beyond:
            yield Candidate(f"towards line {at[1]} = {aim:g}", search.seed, _moved(leaves, found, step), base.tied)
        leaves = _moved(leaves, found, beyond[0])


def _steep(found: Slope) -> bool:
    rate = sum(float(each.square().sum()) for each in found.by.values())
    return 0.0 < rate < math.inf and math.isfinite(found.margin)


def _moved(leaves: Mapping[str, Leaf], found: Slope, step: float) -> dict[str, Leaf]:
    rate = sum(float(each.square().sum()) for each in found.by.values())
    moved = dict(leaves)
    for name, by in found.by.items():
        leaf = moved[name]
        assert isinstance(leaf, torch.Tensor)
        moved[name] = (leaf.double() + by.reshape(leaf.shape) * (step / rate)).to(leaf.dtype)
    return moved

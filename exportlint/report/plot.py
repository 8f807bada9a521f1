"""Coordinates of the plots in a report: the divergence along a model, the histogram of errors, bars."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exportlint.verify.contract import ERROR_EDGES, Stage

WIDTH, HEIGHT = 640.0, 180.0
LOWEST = 1e-9  # a smaller error is drawn at the bottom
PARTED = 1e-3  # relative error from which on a stage has parted from eager mode

_NUMBER = r"\d{1,20}(?:\.\d{1,20})?(?:e[+-]?\d{1,2})?"  # whoever forges a worker's answer chooses these texts
_LATENCY = re.compile(rf"(?P<mine>{_NUMBER}) ms, eager (?P<eager>{_NUMBER}) ms", re.ASCII)
_SIZE = re.compile(r"(?P<size>\d[\d,]{0,30}) bytes(?: of (?P<whole>\d[\d,]{0,30}))?", re.ASCII)


@dataclass(frozen=True)
class Point:
    """A stage in the plot; `apart` where its value is far off or not computed at all."""

    x: float
    y: float
    stage: Stage
    apart: bool
    label: str


@dataclass(frozen=True)
class Bar:
    """One bar: what it stands for, its figure as text, and its length as a share of the longest."""

    label: str
    text: str
    share: float


def points(stages: Sequence[Stage]) -> list[Point]:
    """Stages from left to right, the relative error on a logarithmic scale from 1e-9 (bottom) to 1 (top)."""
    step = WIDTH / max(len(stages) - 1, 1)
    drawn = []
    for at, stage in enumerate(stages):
        error = 1.0 if stage.error is None else stage.error
        said = "the export computes no such value" if stage.error is None else f"relative difference {stage.error:.2g}"
        label = f"{stage.path}:{stage.line} {stage.operator}: {said}"
        drawn.append(Point(round(at * step, 1), height_of(error), stage, error > PARTED, label))
    return drawn


def height_of(error: float) -> float:
    """The y coordinate of a relative error."""
    share = 1 - math.log10(max(min(error, 1.0), LOWEST)) / math.log10(LOWEST)
    return round(HEIGHT * (1 - share), 1)


def histogram(counts: Sequence[int]) -> list[Bar]:
    """A bar for each bin from the first to the last that has elements; by logarithms, so that a single one is seen."""
    labels = ["none", *(f"≤ {edge:.0e}".replace("e-0", "e-").replace("e+0", "e") for edge in ERROR_EDGES), "more"]
    longest = math.log1p(max(counts, default=0)) or 1.0
    bars = [Bar(label, f"{count:,}", math.log1p(count) / longest) for label, count in zip(labels, counts, strict=False)]
    filled = [at for at, count in enumerate(counts) if count]
    return bars[filled[0] : filled[-1] + 1] if filled else []


def stages_of(seconds: Mapping[str, float]) -> list[Bar]:
    """Wall time by stage; the total is no stage."""
    return _bars((name, f"{taken:.2f} s", taken) for name, taken in seconds.items() if name != "total")


def latency(checks: Mapping[str, str]) -> list[Bar]:
    """The export against eager PyTorch, where that was measured."""
    found = _LATENCY.search(checks.get("latency", ""))
    if found is None:
        return []
    return _bars(
        (name, f"{found[group]} ms", float(found[group])) for name, group in (("export", "mine"), ("eager", "eager"))
    )


def sizes(checks: Mapping[str, str]) -> list[Bar]:
    """The files that checks made, and the exported file that they were made from."""
    measured: list[tuple[str, str, float]] = []
    for name, said in sorted(checks.items()):
        found = _SIZE.search(said)
        if found is None:
            continue
        if found["whole"] and not measured:
            measured.append(("export", f"{found['whole']} bytes", float(found["whole"].replace(",", ""))))
        measured.append((name, f"{found['size']} bytes", float(found["size"].replace(",", ""))))
    return _bars(measured)


def _bars(measured: Iterable[tuple[str, str, float]]) -> list[Bar]:
    known = list(measured)
    longest = max((value for _, _, value in known), default=0.0) or 1.0
    return [Bar(label, text, value / longest) for label, text, value in known]

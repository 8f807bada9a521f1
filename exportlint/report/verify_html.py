"""Results of `verify` as one HTML file: models by targets, and each failure with all that explains it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exportlint import __version__
from exportlint.finding import TARGETS
from exportlint.report import plot
from exportlint.report.excerpt import Line, excerpt
from exportlint.report.page import render as page
from exportlint.report.view import View
from exportlint.verify.contract import STATUSES, Result


@dataclass(frozen=True)
class Shown:
    """A result with its source and the coordinates of its plots; `anchor` is where the overview links to."""

    anchor: str
    result: Result
    source: list[Line]
    points: list[plot.Point]
    histogram: list[plot.Bar]
    seconds: list[plot.Bar]
    latency: list[plot.Bar]
    sizes: list[plot.Bar]


def render(results: Sequence[Result], findings: Sequence[Mapping[str, Any]], view: View) -> str:
    """The page: counts, a table of models by targets, the failures, the verdicts on findings, then what agrees."""
    shown = [_shown(number, result, view) for number, result in enumerate(results, 1)]
    targets = [target for target in TARGETS if any(result.target == target for result in results)]
    cells = {(each.result.model, each.result.target): each for each in shown}
    models = list(dict.fromkeys(result.model for result in results))
    counts = Counter(result.status for result in results)
    return page(
        "verify.html",
        version=__version__,
        counts=[(status, counts[status]) for status in STATUSES if counts[status]],
        targets=targets,
        rows=[(model, [cells.get((model, target)) for target in targets]) for model in models],
        failed=[each for each in shown if each.result.status != "ok"],
        agreed=[each for each in shown if each.result.status == "ok"],
        findings=findings,
        parted=plot.height_of(plot.PARTED),
        grid=[(plot.height_of(10.0**power), power) for power in (0, -3, -6, -9)],
        width=plot.WIDTH,
        height=plot.HEIGHT,
    )


def _shown(number: int, result: Result, view: View) -> Shown:
    here = result.path is not None and result.line is not None
    return Shown(
        anchor=f"result-{number}",
        result=result,
        source=excerpt(view, result.path, result.line, result.line) if here else [],
        points=plot.points(result.divergence),
        histogram=plot.histogram(result.histogram),
        seconds=plot.stages_of(result.seconds),
        latency=plot.latency(result.checks),
        sizes=plot.sizes(result.checks),
    )

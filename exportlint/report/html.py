"""Findings as one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from exportlint import __version__
from exportlint.finding import TARGETS, Finding, Report, Severity
from exportlint.report.excerpt import Line, excerpt
from exportlint.report.page import render as page
from exportlint.report.view import View


@dataclass(frozen=True)
class Shown:
    """A finding with its source."""

    finding: Finding
    source: list[Line]


@dataclass(frozen=True)
class Row:
    """A class or function with findings, by target: how many of each severity, as (severity, count)."""

    path: str
    symbol: str
    cells: list[list[tuple[str, int]]]


def render(report: Report, view: View) -> str:
    """The page: counts, a table of the places by targets, then every finding with its source."""
    targets = [target for target in TARGETS if any(target in finding.targets for finding in report.findings)]
    severities = Counter(finding.severity.value for finding in report.findings)
    return page(
        "check.html",
        version=__version__,
        report=report,
        targets=targets,
        severities=[(severity.value, severities[severity.value]) for severity in Severity],
        rows=_rows(report, targets),
        shown=[_shown(finding, view) for finding in report.findings],
    )


def _rows(report: Report, targets: list[str]) -> list[Row]:
    counts: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for finding in report.findings:
        owner = finding.symbol.partition(".")[0] or "module"
        here = counts.setdefault((finding.span.path, owner), Counter())
        here.update((target, finding.severity.value) for target in finding.targets)
    return [Row(path, symbol, [_cell(count, target) for target in targets]) for (path, symbol), count in counts.items()]


def _cell(counts: Counter[tuple[str, str]], target: str) -> list[tuple[str, int]]:
    found = ((severity.value, counts[target, severity.value]) for severity in Severity)
    return [(severity, count) for severity, count in found if count]


def _shown(finding: Finding, view: View) -> Shown:
    span = finding.span
    return Shown(finding, excerpt(view, span.path, span.line, span.end_line, (span.column, span.end_column)))

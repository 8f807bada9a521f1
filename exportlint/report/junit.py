"""Findings as JUnit's XML: a suite for each file with findings, a failed case for each of them."""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Problem, Report
from exportlint.report.view import View
from exportlint.report.xunit import Case, document


def render(report: Report, view: View) -> str:
    """The XML document; a run that found nothing has one case, which passed, since some readers refuse an empty one."""
    suites: dict[str, list[Case]] = {}
    for problem in report.problems:
        suites.setdefault(view.from_root(problem.path), []).append(_problem(problem, view))
    for finding in report.findings:
        suites.setdefault(view.from_root(finding.span.path), []).append(_finding(finding, view))
    return document(sorted(suites.items()) or [("exportlint check", [Case("exportlint", "nothing found")])])


def _finding(finding: Finding, view: View) -> Case:
    where = f"{view.from_root(finding.span.path)}:{finding.span.line}:{finding.span.column}"
    return Case(
        classname=finding.symbol or finding.span.path,
        name=f"{finding.rule} {finding.name} at line {finding.span.line}",
        outcome="failure",
        kind=finding.severity.value,
        message=finding.message,
        text="\n".join([where, *_lines(finding, view)]),
    )


def _lines(finding: Finding, view: View) -> Iterator[str]:
    source = view.line(finding.span.path, finding.span.line)
    if source is not None:
        yield source.strip()
    yield finding.message
    for place in finding.related:
        yield f"{view.from_root(place.path)}:{place.line}: {place.message}"
    yield f"help: {finding.help}"


def _problem(problem: Problem, view: View) -> Case:
    path = view.from_root(problem.path)
    where = path if problem.line is None else f"{path}:{problem.line}"
    return Case(path, "cannot be checked", "error", "problem", problem.message, f"{where}: {problem.message}")

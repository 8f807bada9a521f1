"""The report of `exportlint check --output-format json`, back as the values that the renderers take."""

from __future__ import annotations

from typing import Any

from exportlint.finding import Confidence, Edit, Finding, Fix, Problem, Related, Report, Severity, Span


def report(document: dict[str, Any]) -> Report:
    """The inverse of exportlint.report.json.render."""
    return Report(
        findings=tuple(_finding(entry) for entry in document["findings"]),
        problems=tuple(Problem(**entry) for entry in document["problems"]),
        files=document["files"],
        models=document["models"],
    )


def _finding(entry: dict[str, Any]) -> Finding:
    return Finding(
        rule=entry["rule"],
        name=entry["name"],
        severity=Severity(entry["severity"]),
        confidence=Confidence(entry["confidence"]),
        targets=tuple(entry["targets"]),
        span=_span(entry),
        symbol=entry["symbol"],
        message=entry["message"],
        help=entry["help"],
        related=tuple(Related(**place) for place in entry["related"]),
        fix=entry["fix"] and fix(entry["fix"]),
        verdict=entry["verdict"],
    )


def fix(entry: dict[str, Any]) -> Fix:
    """A fix of a finding."""
    return Fix(entry["message"], tuple(Edit(_span(edit), edit["text"]) for edit in entry["edits"]), entry["safe"])


def _span(entry: dict[str, Any]) -> Span:
    return Span(entry["path"], entry["line"], entry["column"], entry["end_line"], entry["end_column"])

"""Findings as one JSON object, the form that other programs build on: keys may be added, none renamed."""

from __future__ import annotations

import json
from typing import Any

from exportlint import __version__
from exportlint.finding import Finding, Fix, Problem, Related, Report
from exportlint.report.view import View

SCHEMA = 1


def render(report: Report, view: View) -> str:
    """The JSON document of one `check` run; see docs/formats.md."""
    document = {
        "schema": SCHEMA,
        "version": __version__,
        "findings": [_finding(finding) for finding in report.findings],
        "files": report.files,
        "models": report.models,
        "known": report.known,
        "unchanged": report.unchanged,
        "operators": report.operators,
        "problems": [_problem(problem) for problem in report.problems],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "targets": list(finding.targets),
        "path": finding.span.path,
        "line": finding.span.line,
        "column": finding.span.column,
        "end_line": finding.span.end_line,
        "end_column": finding.span.end_column,
        "symbol": finding.symbol,
        "message": finding.message,
        "help": finding.help,
        "related": [_related(place) for place in finding.related],
        "fix": _fix(finding.fix),
        "verdict": finding.verdict,
    }


def _related(place: Related) -> dict[str, Any]:
    return {"path": place.path, "line": place.line, "message": place.message}


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    edits = [
        {
            "path": edit.span.path,
            "line": edit.span.line,
            "column": edit.span.column,
            "end_line": edit.span.end_line,
            "end_column": edit.span.end_column,
            "text": edit.text,
        }
        for edit in fix.edits
    ]
    return {"message": fix.message, "safe": fix.safe, "edits": edits}


def _problem(problem: Problem) -> dict[str, Any]:
    return {"path": problem.path, "line": problem.line, "message": problem.message}

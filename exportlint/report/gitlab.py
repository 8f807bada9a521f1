"""Findings as GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format"""

from __future__ import annotations

import json
from typing import Any

from exportlint.finding import Finding, Problem, Report, Severity
from exportlint.report.escaping import visible
from exportlint.report.fingerprint import fingerprints
from exportlint.report.view import View

_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report, view: View) -> str:
    """A JSON array with an entry for each problem and each finding; what GitLab cannot read it ignores."""
    entries = [_problem(problem, view) for problem in report.problems]
    prints = fingerprints(report.findings, view)
    entries += [_finding(finding, own, view) for finding, own in zip(report.findings, prints, strict=True)]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def _finding(finding: Finding, fingerprint: str, view: View) -> dict[str, Any]:
    return {
        "check_name": f"{finding.rule} {finding.name}",
        "description": visible(f"{finding.message} (help: {finding.help})"),
        "severity": _SEVERITY[finding.severity],
        "fingerprint": fingerprint,
        "location": {
            "path": visible(view.from_root(finding.span.path)),
            "lines": {"begin": finding.span.line, "end": finding.span.end_line},
        },
    }


def _problem(problem: Problem, view: View) -> dict[str, Any]:
    path = visible(view.from_root(problem.path))
    return {
        "check_name": "exportlint cannot check this file",
        "description": visible(problem.message),
        "severity": "blocker",
        "fingerprint": f"problem:{path}",
        "location": {"path": path, "lines": {"begin": problem.line or 1}},
    }

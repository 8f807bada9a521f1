"""Findings as SARIF 2.1.0, for GitHub code scanning and the many viewers that read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from exportlint import __version__
from exportlint.finding import Edit, Finding, Fix, Problem, Related, Report, Severity, Span
from exportlint.report.escaping import relative_uri, visible
from exportlint.report.fingerprint import fingerprints
from exportlint.report.view import View
from exportlint.rule import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(report: Report, view: View) -> str:
    """The SARIF log of one run: every rule with its documentation, every finding as a result."""
    rules = view.rules()
    driver = {
        "name": "exportlint",
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules],
    }
    index = {rule.code: position for position, rule in enumerate(rules)}
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "invocations": [
            {
                "executionSuccessful": not report.problems,
                "toolExecutionNotifications": [_notification(problem, view) for problem in report.problems],
            }
        ],
        "results": _results(report.findings, index, view),
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    sections = rule.documentation.strip().split("\n## ")
    what = next(text.partition("\n")[2] for text in sections if text.startswith("What it does"))
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": " ".join(what.split())},
        "help": {"text": rule.documentation.strip(), "markdown": f"# {rule.documentation.strip()}\n"},
        "properties": {"tags": [*rule.targets, "pytorch"], "precision": "high"},
    }


def _results(findings: Sequence[Finding], index: dict[str, int], view: View) -> list[dict[str, Any]]:
    results = []
    for finding, fingerprint in zip(findings, fingerprints(findings, view), strict=True):
        results.append(
            {
                "ruleId": finding.rule,
                "ruleIndex": index[finding.rule],
                "level": _LEVEL[finding.severity],
                "message": {"text": f"{visible(finding.message)}\nhelp: {visible(finding.help)}"},
                "locations": [_location(finding, view)],
                "relatedLocations": [_related(number, place, view) for number, place in enumerate(finding.related, 1)],
                "partialFingerprints": {"exportlint/v1": fingerprint},
                "properties": {"targets": list(finding.targets), "confidence": finding.confidence.value},
            }
            | ({"fixes": [_fix(finding.fix, view)]} if finding.fix else {})
        )
    return results


def _location(finding: Finding, view: View) -> dict[str, Any]:
    physical = {"artifactLocation": _artifact(finding.span.path, view), "region": _region(finding.span, view)}
    logical = [{"fullyQualifiedName": finding.symbol, "kind": "function"}] if finding.symbol else []
    return {"physicalLocation": physical} | ({"logicalLocations": logical} if logical else {})


def _artifact(path: str, view: View) -> dict[str, str]:
    return {"uri": relative_uri(view.from_root(path)), "uriBaseId": "SRCROOT"}


def _region(span: Span, view: View) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": _utf16_column(view.line(span.path, span.line), span.column),
        "endLine": span.end_line,
        "endColumn": _utf16_column(view.line(span.path, span.end_line), span.end_column),
    }


def _utf16_column(line: str | None, column: int) -> int:
    """A column that counts characters, from 1, as one that counts UTF-16 code units, from 1."""
    before = (line or "")[: column - 1]
    return column + sum(character > "\uffff" for character in before)


def _related(number: int, place: Related, view: View) -> dict[str, Any]:
    physical = {"artifactLocation": _artifact(place.path, view), "region": {"startLine": place.line}}
    return {"id": number, "physicalLocation": physical, "message": {"text": visible(place.message)}}


def _fix(fix: Fix, view: View) -> dict[str, Any]:
    """A fix with its safety in its description, which is all that viewers show; SARIF has no word for it."""
    by_path: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_path.setdefault(edit.span.path, []).append(edit)
    changes = [
        {
            "artifactLocation": _artifact(path, view),
            "replacements": [
                {"deletedRegion": _region(edit.span, view), "insertedContent": {"text": edit.text}} for edit in edits
            ],
        }
        for path, edits in sorted(by_path.items())
    ]
    safety = "" if fix.safe else " (unsafe: it may change what eager PyTorch computes)"
    return {"description": {"text": f"{visible(fix.message)}{safety}"}, "artifactChanges": changes}


def _notification(problem: Problem, view: View) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": _artifact(problem.path, view)}
    if problem.line is not None:
        location["region"] = {"startLine": problem.line}
    return {
        "level": "error",
        "message": {"text": visible(problem.message)},
        "locations": [{"physicalLocation": location}],
    }

"""What the runs say about the findings of `check`: confirmed, refuted or not reached. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from exportlint.mistake import UserMistake
from exportlint.verify.contract import Result

CONFIRMED, REFUTED, NOT_REACHED = "confirmed", "refuted", "not reached"
FAILED = ("export-failed", "mismatch", "crashed", "timeout")
_NEAR = 1  # an exporter may blame the line under the condition
_KEYS = {"rule": str, "path": str, "line": int, "end_line": int, "targets": list}


def read_findings(file: Path) -> list[dict[str, Any]]:
    """The findings of a file that `check --output-format json` wrote. Raises UserMistake."""
    try:
        document = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UserMistake(f"--findings: {file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UserMistake(f"--findings: {file} is not JSON: {error}") from error
    findings = document.get("findings") if isinstance(document, dict) else None
    if not isinstance(findings, list):
        raise UserMistake(
            f'--findings: {file} holds no "findings"; write it with `exportlint check --output-format json`'
        )
    for number, finding in enumerate(findings):
        for key, kind in _KEYS.items():
            if not isinstance(finding, dict) or not isinstance(finding.get(key), kind):
                raise UserMistake(f"--findings: {file}: findings[{number}].{key} is missing or malformed")
    return findings


def verdict(finding: Mapping[str, Any], results: Sequence[Result]) -> str:
    """The verdict on one finding: a failure at its line confirms it; its line running in a good export refutes it."""
    relevant = [result for result in results if result.target in finding["targets"]]
    if any(result.status in FAILED and _stands_at(finding, result) for result in relevant):
        return CONFIRMED
    good = [result for result in relevant if result.status == "ok"]
    if any(_ran(finding, result.ran.get(finding["path"], "")) for result in good):
        return REFUTED
    return NOT_REACHED


def judged(findings: Sequence[Mapping[str, Any]], results: Sequence[Result]) -> list[dict[str, Any]]:
    """The findings with their verdicts."""
    return [{**finding, "verdict": verdict(finding, results)} for finding in findings]


def _stands_at(finding: Mapping[str, Any], result: Result) -> bool:
    places = [(result.path, result.line), *((step.path, step.line) for step in result.trail)]
    first, last = finding["line"] - _NEAR, finding["end_line"] + _NEAR
    return any(path == finding["path"] and line is not None and first <= line <= last for path, line in places)


def _ran(finding: Mapping[str, Any], ranges: str) -> bool:
    for part in filter(None, ranges.split(",")):
        first, _, last = part.partition("-")
        if int(first) <= finding["end_line"] and finding["line"] <= int(last or first):
            return True
    return False

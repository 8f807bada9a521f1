"""Failed results of `verify` as GitLab's code quality report, see gitlab.py for its form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from exportlint.report.escaping import visible
from exportlint.report.verify_sarif import place
from exportlint.report.view import View
from exportlint.verify.contract import Result

_SEVERITY = {"no-spec": "info", "not-runnable": "minor", "timeout": "major", "export-failed": "major"}
_WORST = "critical"


def render(results: Sequence[Result], findings: Sequence[Mapping[str, Any]], view: View) -> str:
    """A JSON array; a result without a line of its own stands at line 1 of its entry's file."""
    entries = [_entry(result, view) for result in results if result.status != "ok"]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def _entry(result: Result, view: View) -> dict[str, Any]:
    path, line = place(result)
    identity = "\0".join((result.model, result.target, result.status)).encode("utf-8", "surrogatepass")
    return {
        "check_name": f"verify/{result.status}",
        "description": visible(f"{result.model} [{result.target}] {result.status}: {result.reason}"),
        "severity": _SEVERITY.get(result.status, _WORST),
        "fingerprint": hashlib.sha256(identity).hexdigest()[:16],
        "location": {"path": visible(view.from_root(path)), "lines": {"begin": line}},
    }

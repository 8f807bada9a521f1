"""Failed results of `verify` as GitHub workflow commands: errors first, then one line that names what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from exportlint.report.escaping import workflow_message, workflow_property
from exportlint.report.github import SHOWN
from exportlint.report.view import View
from exportlint.verify.contract import Result

_WARNINGS = ("no-spec", "not-runnable")


def render(results: Sequence[Result], findings: Sequence[Mapping[str, Any]], view: View) -> str:
    """An error for each export that failed or differs, a warning for each model that could not be tried."""
    failed = [result for result in results if result.status != "ok"]
    lines, left = [], Counter()
    for kind, wanted in (("error", False), ("warning", True)):
        ours = [result for result in failed if (result.status in _WARNINGS) == wanted]
        lines += [_line(kind, result, view) for result in ours[: SHOWN[kind]]]
        left.update(result.status for result in ours[SHOWN[kind] :])
    if left:
        named = ", ".join(f"{count} {status}" for status, count in sorted(left.items()))
        lines.append(
            _command("notice", {"title": "exportlint verify"}, f"{left.total()} more are not shown here: {named}.")
        )
    return "".join(line + "\n" for line in lines)


def _line(kind: str, result: Result, view: View) -> str:
    properties: dict[str, object] = {}
    if result.path is not None and result.line is not None:
        properties = {"file": view.from_root(result.path), "line": result.line}
    rule = f" {result.rule}" if result.rule else ""
    properties["title"] = f"{result.target} {result.status}{rule}: {result.model}"
    return _command(kind, properties, result.reason)


def _command(kind: str, properties: Mapping[str, object], message: str) -> str:
    given = ",".join(f"{key}={workflow_property(str(value))}" for key, value in properties.items())
    return f"::{kind} {given}::{workflow_message(message)}"

"""Findings as GitHub workflow commands, which the runner turns into annotations on the changed lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from exportlint.finding import Finding, Problem, Report, Severity
from exportlint.report.escaping import workflow_message, workflow_property
from exportlint.report.view import View

SHOWN = {"error": 10, "warning": 10, "notice": 9}
"""GitHub shows ten annotations of each kind a step; the tenth notice is ours, to name what is left out."""

_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report, view: View) -> str:
    """Workflow commands, errors first, then one notice that counts by rule what GitHub would not have shown."""
    commands = [("error", "problem", _problem(problem, view)) for problem in report.problems]
    for finding in sorted(report.findings, key=lambda finding: list(Severity).index(finding.severity)):
        commands.append((_COMMAND[finding.severity], finding.rule, _finding(finding, view)))
    return "".join(line + "\n" for line in _limited(commands))


def _limited(commands: list[tuple[str, str, str]]) -> Iterator[str]:
    shown: Counter[str] = Counter()
    rest: Counter[str] = Counter()
    for kind, rule, line in commands:
        shown[kind] += 1
        if shown[kind] <= SHOWN[kind]:
            yield line
        else:
            rest[rule] += 1
    if rest:
        named = ", ".join(f"{rule} {count} times" if count > 1 else rule for rule, count in sorted(rest.items()))
        yield _command("notice", {"title": "exportlint"}, f"{rest.total()} more are not shown here: {named}.")


def _finding(finding: Finding, view: View) -> str:
    span = finding.span
    properties = {"file": view.from_root(span.path), "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:  # GitHub refuses columns for a range of lines
        properties |= {"col": span.column, "endColumn": span.end_column}
    properties["title"] = f"{finding.rule} {finding.name} ({', '.join(finding.targets)})"
    related = [f"{place.path}:{place.line}: {place.message}" for place in finding.related]
    return _command(_COMMAND[finding.severity], properties, "\n".join([finding.message, *related, finding.help]))


def _problem(problem: Problem, view: View) -> str:
    properties: dict[str, object] = {"file": view.from_root(problem.path)}
    if problem.line is not None:
        properties["line"] = problem.line
    return _command("error", properties | {"title": "exportlint cannot check this file"}, problem.message)


def _command(kind: str, properties: dict[str, object], message: str) -> str:
    given = ",".join(f"{key}={workflow_property(str(value))}" for key, value in properties.items())
    return f"::{kind} {given}::{workflow_message(message)}"

"""Results of `verify` as JUnit's XML: a suite for each model, a case for each target.

A wrong or failed export is a failure; what could not be tried (no spec, no eager run, deadline, crash) is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exportlint.report.view import View
from exportlint.report.xunit import Case, document
from exportlint.verify.contract import Result

_FAILURES = ("export-failed", "mismatch")


def render(results: Sequence[Result], findings: Sequence[Mapping[str, Any]], view: View) -> str:
    """The XML document; without any result it has one case, which passed, since some readers refuse an empty one."""
    suites: dict[str, list[Case]] = {}
    for result in results:
        suites.setdefault(result.model, []).append(_case(result, view))
    return document(list(suites.items()) or [("exportlint verify", [Case("exportlint", "no model to verify")])])


def _case(result: Result, view: View) -> Case:
    seconds = result.seconds.get("total", 0.0)
    if result.status == "ok":
        return Case(result.model, result.target, seconds=seconds)
    outcome = "failure" if result.status in _FAILURES else "error"
    text = "\n".join(_lines(result, view))
    return Case(result.model, result.target, outcome, result.status, result.reason, text, seconds)


def _lines(result: Result, view: View) -> Iterator[str]:
    if result.path is not None and result.line is not None:
        source = view.line(result.path, result.line)
        rule = f" ({result.rule})" if result.rule else ""
        yield f"{view.from_root(result.path)}:{result.line}{rule}: {(source or '').strip()}"
    yield result.reason
    if result.counterexample:
        for value in result.counterexample.inputs:
            shape = "" if value.shape is None else str(list(value.shape))
            yield f"input {value.name}: {value.dtype}{shape} = {value.text}"
    for step in result.trail:
        yield f"{view.from_root(step.path)}:{step.line}: {step.what}"

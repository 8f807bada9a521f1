"""Findings made by hand, for tests of what is done with them."""

from __future__ import annotations

from dataclasses import replace

from exportlint.finding import Confidence, Finding, Report, Severity, Span

BASE = Finding(
    rule="EXL101",
    name="data-dependent-branch",
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    targets=("trace", "onnx"),
    span=Span("src/net.py", 3, 12, 3, 21),
    symbol="Net.forward",
    message="The branch tests a value that is computed from the input.",
    help="Use torch.where.",
)


def finding(line: int = 3, column: int = 12, end_line: int | None = None, end_column: int = 21, **changed) -> Finding:
    """The finding `BASE` at another place, or with other fields; `path` is that of the span."""
    span = Span(changed.pop("path", BASE.span.path), line, column, end_line or line, end_column)
    return replace(BASE, span=span, **changed)


def report(*findings: Finding, problems=(), files: int = 3, models: int = 2) -> Report:
    """What `check` answers with these findings."""
    return Report(findings, tuple(problems), files, models)

"""Findings and results made by hand, for tests of what is done with them."""

from __future__ import annotations

from dataclasses import replace

from exportlint.finding import Confidence, Finding, Report, Severity, Span
from exportlint.verify.contract import Counterexample, InputValue, Result, Step

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


RESULT = Result(
    model="src/net.py::Net",
    target="onnx",
    status="mismatch",
    reason="the values differ: 3 of 4, worst at [0]: expected 1.5, got 2.5 (input: negated)",
    path="src/net.py",
    line=3,
    rule="EXL101",
    max_abs=1.0,
    max_rel=0.5,
    inputs_tried=9,
    counterexample=Counterexample("negated", 0, (InputValue("x", "float32", (2, 2), "tensor([[-1., 2.]])"),)),
    trail=(Step("src/net.py", 5, "went another way than on the example"),),
    seconds={"build": 0.5, "export": 2.0, "run": 0.25, "total": 2.75},
)


def result(**changed) -> Result:
    """The result `RESULT` with other fields."""
    return replace(RESULT, **changed)


EVIL = "]]><b>&\x1b[31m\x00\u202e\u2028\ud800\uffff\r\n::error::@everyone `${{ x }}` <img src=x onerror=alert(1)>"
"""Text of a stranger that tries terminals, XML, HTML, Markdown, workflow commands and JSON at once."""

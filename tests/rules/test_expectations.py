"""The harness itself: what it reads, and that surplus, unmet and repaired markers all turn it red."""

from __future__ import annotations

from pathlib import Path

import pytest

from exportlint.finding import Finding, Related, Severity
from exportlint.verify.contract import Result
from tests.findings import finding
from tests.rules.expectations import Claims, claims, problems
from tests.rules.fixture import BadFixture, Fixture, Marker, read
from tests.rules.proof import objections

LINE = "return x * 2"
TEXT = """class Part:
    def forward(self, x):
        {line}

class Net:
    inputs = (torch.ones(2),)
    refused = (torch.ones(3),)
    dynamic = {{"x": {{0: "n"}}}}

class Other:
    inputs = (1,)
    configured = False
"""


def fixture(line: str) -> Fixture:
    return read("net", TEXT.format(line=line))


def test_a_model_owns_the_helpers_above_it_and_says_how_it_is_called(tmp_path: Path) -> None:
    made = fixture(f'{LINE}  # EXPECT EXL101 "decides"')
    net, other = made.models
    assert (net.name, net.first, net.last, other.first, other.last) == ("Net", 1, 8, 9, 12)
    assert (net.inputs, net.refused, dict(net.dynamic)) == ("(torch.ones(2),)", "(torch.ones(3),)", {"x": {0: "n"}})
    assert [marker.text for marker in made.of(net)] == ["decides"]
    assert made.of(other) == ()
    made.write(tmp_path)
    written = (tmp_path / "net.py").read_text()
    assert written.startswith(made.text)
    assert "def inputs_of_Net():\n    return (torch.ones(2),)" in written
    assert [spec.entry for spec in made.settings(tmp_path).models] == ["net.py::Net"]


@pytest.mark.parametrize(
    ("comment", "marker"),
    [
        ('# EXPECT EXL101 "a `b` # c"', Marker("EXPECT", 3, "EXL101", (), "a `b` # c")),
        ("# EXPECT EXL101", Marker("EXPECT", 3, "EXL101", (), "")),
        ('# EXPECT EXL101 [trace, onnx-ts] "a"', Marker("EXPECT", 3, "EXL101", ("trace", "onnx-ts"), "a")),
        ("# MISSED EXL101 [script] the reason", Marker("MISSED", 3, "EXL101", ("script",), "the reason")),
        ("# FALSE EXL101 the reason", Marker("FALSE", 3, "EXL101", (), "the reason")),
    ],
)
def test_a_marker(comment: str, marker: Marker) -> None:
    assert fixture(f"{LINE}  {comment}").markers == (marker,)


def test_two_markers_on_a_line() -> None:
    made = fixture(f'{LINE}  # EXPECT EXL101 [trace] "a"  # FALSE EXL201 why not')
    assert [(marker.kind, marker.text) for marker in made.markers] == [("EXPECT", "a"), ("FALSE", "why not")]


@pytest.mark.parametrize("comment", ["# EXPECT EXL1", "# EXPECT: EXL101", "# EXPECT EXL101 [nowhere]", "# MISSED"])
def test_a_malformed_marker_is_no_comment(comment: str) -> None:
    with pytest.raises(BadFixture, match=r"net\.py:3: "):
        fixture(f"{LINE}  {comment}")


def test_a_marker_that_no_model_owns_is_refused() -> None:
    with pytest.raises(BadFixture, match="behind the last model"):
        read("net", TEXT.format(line="pass") + "# EXPECT EXL101\n")


FOUND = finding(3, targets=("trace", "onnx"), message="`x` decides")
NOTE = finding(3, targets=("trace",), message="`x` decides", severity=Severity.INFO)
CASES: dict[str, tuple[str, list[Finding], str | None]] = {
    "met": ('# EXPECT EXL101 "decides"', [FOUND], None),
    "met for each target": ("# EXPECT EXL101 [trace, onnx]", [FOUND], None),
    "met by two markers": ('# EXPECT EXL101 [trace] "`x`"  # EXPECT EXL101 [onnx]', [FOUND], None),
    "met by two findings": (
        "# EXPECT EXL101 [trace, export]",
        [finding(3, targets=("trace",)), finding(3, targets=("export",))],
        None,
    ),
    "unmet": ("# EXPECT EXL101", [], "unmet: EXPECT EXL101"),
    "other words": ('# EXPECT EXL101 "turns"', [FOUND], "unmet"),
    "other line": ("# EXPECT EXL101", [finding(4)], "unmet"),
    "other rule": ("# EXPECT EXL102", [FOUND], "unmet"),
    "a target too few": ("# EXPECT EXL101 [trace, onnx, export]", [FOUND], "unmet for export"),
    "a target too many": ("# EXPECT EXL101 [trace]", [FOUND], "surplus for onnx"),
    "surplus": ("", [FOUND], "surplus for onnx, trace: error EXL101"),
    "a note is no surplus": ("", [NOTE], None),
    "a note is no error": ("# EXPECT EXL101", [NOTE], "unmet"),
    "a note expected": ("# NOTE EXL101", [NOTE], None),
    "a note grown loud": ("# NOTE EXL101", [FOUND], "surplus"),
    "still missed": ("# MISSED EXL101 why", [], None),
    "still missed for one": ("# MISSED EXL101 [export] why  # EXPECT EXL101", [FOUND], None),
    "no longer missed": ("# MISSED EXL101 [trace] why", [FOUND], "repaired for trace: make it EXPECT"),
    "still false": ("# FALSE EXL101 why", [FOUND], None),
    "no longer false": ("# FALSE EXL101 why", [], "repaired: take the marker out"),
    "false for one": ("# FALSE EXL101 [onnx] why  # EXPECT EXL101 [trace]", [FOUND], None),
}


@pytest.mark.parametrize(("comment", "found", "wrong"), CASES.values(), ids=CASES)
def test_findings_against_markers(comment: str, found: list[Finding], wrong: str | None) -> None:
    said = problems(fixture(f"{LINE}  {comment}"), found)
    assert said == [] if wrong is None else wrong in "\n".join(said)


def test_a_miss_claims_all_targets_of_its_rule_and_a_false_alarm_none() -> None:
    made = fixture(f"{LINE}  # MISSED EXL101 why  # FALSE EXL201 why")
    found = (finding(3, rule="EXL201", targets=("script",)),)
    assert claims(made, made.models[0], "export", found).missed == made.markers[:1]
    assert not claims(made, made.models[0], "script", found).fails


def result(status: str, line: int | None = None) -> Result:
    return Result("net.py::Net", "trace", status, "why", "net.py" if line else None, line, inputs_tried=9)


FALSE = (Marker("FALSE", 3, "EXL201", (), "why"),)
SAYS = Claims((finding(3, path="net.py", related=(Related("net.py", 20, "used here"),)),))
MISSES = Claims(missed=(Marker("MISSED", 3, "EXL101", (), "why"),))


@pytest.mark.parametrize(
    ("claimed", "measured", "wrong"),
    [
        (SAYS, result("mismatch", 3), None),
        (SAYS, result("export-failed", 4), None),
        (SAYS, result("export-failed", 20), None),
        (SAYS, result("export-failed", 9), "which is not at EXL101"),
        (SAYS, result("export-failed"), "which is not at EXL101"),
        (SAYS, result("ok"), "exports and agrees on 9 inputs, against EXL101"),
        (SAYS, result("not-runnable", 3), "nothing was proven"),
        (MISSES, result("mismatch", 2), None),
        (MISSES, result("mismatch", 9), "which is not at MISSED"),
        (MISSES, result("ok"), "exports and agrees on 9 inputs, against MISSED"),
        (Claims(), result("ok"), None),
        (Claims(false=FALSE), result("ok"), None),
        (Claims(false=FALSE), result("mismatch", 3), "claimed to export and agree"),
        (Claims(SAYS.backed, false=FALSE), result("mismatch", 3), "give it a model"),
        (Claims(), result("mismatch", 3), "claimed to export and agree, but trace gives mismatch at line 3"),
        (Claims(), result("no-spec"), "nothing was proven"),
    ],
)
def test_what_backs_a_claim(claimed: Claims, measured: Result, wrong: str | None) -> None:
    said = objections(claimed, measured, "net.py")
    assert said == [] if wrong is None else wrong in "\n".join(said)

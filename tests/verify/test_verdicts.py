"""What runs say about findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exportlint.mistake import UserMistake
from exportlint.report.json import render
from exportlint.report.view import View
from exportlint.verify.contract import Result, Step
from exportlint.verify.verdicts import read_findings, verdict
from tests.findings import finding, report


def result(status: str, line: int | None = None, target: str = "onnx", ran: str = "", **more: Any) -> Result:
    path = "src/net.py" if line else None
    return Result(
        "src/net.py::Net", target, status, path=path, line=line, ran={"src/net.py": ran} if ran else {}, **more
    )


FINDING = {"rule": "EXL101", "path": "src/net.py", "line": 3, "end_line": 4, "targets": ["onnx", "trace"]}
VERDICTS = {
    "a failure on the line": ([result("mismatch", 4)], "confirmed"),
    "a failure under the condition": ([result("export-failed", 5)], "confirmed"),
    "a failure that passed by the line": ([result("mismatch", 20, trail=(Step("src/net.py", 3, ""),))], "confirmed"),
    "a failure elsewhere": ([result("mismatch", 9)], "not reached"),
    "a failure elsewhere, a good run that ran the line": ([result("mismatch", 9), result("ok", ran="1-9")], "refuted"),
    "a good run that ran the line": ([result("ok", ran="1,4-6")], "refuted"),
    "a good run that never came there": ([result("ok", ran="1-2,5-9")], "not reached"),
    "a good run of a target that the finding does not name": (
        [result("ok", target="script", ran="1-9")],
        "not reached",
    ),
    "a model that does not run": ([result("not-runnable", 3)], "not reached"),
    "nothing": ([], "not reached"),
}


@pytest.mark.parametrize(("results", "expected"), VERDICTS.values(), ids=VERDICTS)
def test_the_verdict_on_a_finding(results: list[Result], expected: str) -> None:
    assert verdict(FINDING, results) == expected


def test_findings_are_read_as_check_writes_them(tmp_path: Path) -> None:
    file = tmp_path / "findings.json"
    file.write_text(render(report(finding(3)), View(root=tmp_path)))
    (read,) = read_findings(file)
    assert verdict(read, [result("ok", ran="1-9")]) == "refuted"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", 'holds no "findings"'),
        (json.dumps({"findings": [{"rule": 1}]}), r"findings\[0\]\.rule"),
    ],
)
def test_a_file_of_another_form_is_the_users_mistake(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "findings.json"
    file.write_text(text)
    with pytest.raises(UserMistake, match=said):
        read_findings(file)


def test_a_file_that_is_not_there_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="cannot be read"):
        read_findings(tmp_path / "absent.json")

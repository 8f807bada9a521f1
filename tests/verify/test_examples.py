"""The examples show what they say: each model and target of their configuration, really exported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exportlint.config import load
from exportlint.verify.answers import parse_result
from exportlint.verify.contract import Result
from exportlint.verify.running import plan

pytestmark = pytest.mark.torch
EXAMPLES = Path(__file__).parents[2] / "examples"


def line_of(file: str, text: str) -> int:
    (line,) = [n for n, line in enumerate((EXAMPLES / file).read_text().splitlines(), 1) if text in line]
    return line


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Result]:
    pytest.importorskip("torch")
    from exportlint.verify.worker import Attempt

    found = {}
    for job in plan.jobs(load(EXAMPLES), (), plan.Wishes(seconds=60.0)):
        answer = Attempt(job, tmp_path_factory.mktemp("exported")).result()
        found[job.entry, job.target] = parse_result(json.dumps(answer.to_dict()).encode(), job)
    return found


def test_all_but_the_four_that_show_a_fault_agree(results: dict[tuple[str, str], Result]) -> None:
    failed = {key: result.status for key, result in results.items() if result.status != "ok"}
    assert failed == {
        ("gate.py::Gate", "trace"): "mismatch",
        ("gate.py::Gate", "onnx"): "export-failed",
        ("upsampler.py::Upsampler", "onnx"): "mismatch",
        ("flatten.py::Flatten", "onnx"): "not-runnable",
    }
    assert len(results) >= 12


@pytest.mark.parametrize("target", ["trace", "onnx"])
def test_the_branch_on_a_value_is_found_at_its_line(results: dict[tuple[str, str], Result], target: str) -> None:
    result = results["gate.py::Gate", target]
    assert (result.path, result.line) == ("gate.py", line_of("gate.py", "if image.mean()"))
    assert result.rule == "EXL101"


def test_the_frozen_branch_comes_with_the_image_that_shows_it(results: dict[tuple[str, str], Result]) -> None:
    result = results["gate.py::Gate", "trace"]
    assert result.counterexample is not None
    assert result.counterexample.inputs[0].name == "image"


def test_the_opset_that_came_out_is_told(results: dict[tuple[str, str], Result]) -> None:
    result = results["upsampler.py::Upsampler", "onnx"]
    assert (result.opset.asked, result.opset.got) == (14, 18)
    assert results["upsampler.py::Upsampler", "onnx-ts"].opset.got == 14


def test_the_layer_that_does_not_fit_is_named(results: dict[tuple[str, str], Result]) -> None:
    result = results["flatten.py::Flatten", "onnx"]
    assert (result.path, result.line) == ("flatten.py", line_of("flatten.py", "return self.fc"))

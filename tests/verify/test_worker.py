"""Real worker processes: what no model can be tried for inside of this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from exportlint.verify.contract import Job, Result
from exportlint.verify.isolation.sandbox import Sandbox
from exportlint.verify.running.runner import Runner

pytestmark = pytest.mark.torch

MODELS = {
    "good": ("", "x + 1"),
    "noisy": ("print('{\"status\": \"ok\"}' * 1000); os.write(1, b'forged')", "x + 1"),
    "leaves": ("os._exit(0)", "x"),
    "crashes": ("ctypes.string_at(0)", "x"),
    "hangs": ("time.sleep(60)", "x"),
    "hungry": ("self.memory = bytearray(64 * 2**30)", "x"),
}
TEXT = """import ctypes, os, time
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        {statement}
        return {value}
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    root = tmp_path_factory.mktemp("project")
    jobs = []
    for name, (statement, value) in MODELS.items():
        (root / f"{name}.py").write_text(TEXT.format(statement=statement or "pass", value=value))
        memory = 48 * 2**30 if name == "hungry" else None
        seconds = 10.0 if name == "hangs" else 90.0
        inputs = {"x": "float32[2]"}
        jobs.append(Job(f"{name}.py::Net", str(root), "trace", inputs=inputs, seconds=seconds, memory=memory))
    runner = Runner(Sandbox(), width=2)
    answers = runner.run(jobs, lambda job: None, lambda result: None)
    assert runner.bugs == []
    return {Path(result.model).stem.partition(".")[0]: result for result in answers}


def test_a_good_model(results: dict[str, Result]) -> None:
    assert results["good"].status == "ok", results["good"].reason


def test_what_a_model_prints_never_mixes_into_the_answer(results: dict[str, Result]) -> None:
    assert results["noisy"].status == "ok", results["noisy"].reason


def test_a_model_that_leaves_the_process_is_a_crash(results: dict[str, Result]) -> None:
    assert results["leaves"].status == "crashed"
    assert "status 0 and no answer" in results["leaves"].reason


def test_a_segmentation_fault_is_a_crash_at_its_line(results: dict[str, Result]) -> None:
    crash = results["crashes"]
    assert (crash.status, crash.path, crash.line) == ("crashed", "crashes.py", 8)
    assert "SIGSEGV" in crash.reason


def test_a_model_that_hangs_misses_its_deadline_at_its_line(results: dict[str, Result]) -> None:
    late = results["hangs"]
    assert (late.status, late.path, late.line) == ("timeout", "hangs.py", 8)
    assert "10 s" in late.reason


def test_a_model_that_wants_more_memory_than_allowed_does_not_run(results: dict[str, Result]) -> None:
    assert (results["hungry"].status, results["hungry"].line) == ("not-runnable", 8)
    assert "MemoryError" in results["hungry"].reason

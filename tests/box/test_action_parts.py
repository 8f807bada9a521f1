"""The Action on several machines: what is planned, and how the parts are joined."""

from __future__ import annotations

import json
from pathlib import Path

from exportlint.verify.contract import Result
from tests.box.conftest import PLAIN, write
from tests.box.steps import Runner


def test_shards_are_planned_without_docker_and_without_exporting(runner: Runner) -> None:
    runner.step("check")
    done = runner.step("verify", path="/nonexistent", SHARDS="3", TARGETS="onnx\nexport")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(runner.outputs()["shards"]) == ["1/2", "2/2"]  # one model, two targets
    assert runner.step("report", SHARDS="3").returncode == 0  # the findings fail the job that merges
    assert "html" not in runner.outputs()


def test_nothing_to_export_is_no_shard(runner: Runner) -> None:
    write(runner.workspace, {"src/branch.py": PLAIN})
    runner.step("check")
    assert runner.step("verify", SHARDS="3").returncode == 0
    assert runner.outputs()["shards"] == "[]"


def part(runner: Runner, shard: str, *results: Result) -> None:
    """The report that a shard's run leaves."""
    entries = [result.to_dict() for result in results]
    document = {"schema": 1, "results": entries, "findings": [], "left": 0, "shard": shard}
    check = json.loads((Path(runner.reports) / "check.json").read_text(encoding="utf-8"))
    report = json.dumps({"check": check, "verify": document})
    write(runner.folder / "parts", {f"{shard.replace('/', '-')}/report.json": report})


def test_parts_are_reported_as_one(runner: Runner) -> None:
    runner.step("check")
    part(runner, "1/2", Result("src/plain.py::Double", "onnx", "ok", "", "src/plain.py", 5))
    part(runner, "2/2", Result("src/plain.py::Double", "export", "mismatch", "differs", "src/plain.py", 5))
    done = runner.step("merge", PARTS=str(runner.folder / "parts"), SHARDS='["1/2", "2/2"]')
    assert done.returncode == 0, done.stdout + done.stderr
    assert runner.step("report").returncode == 1
    assert {name: runner.outputs()[name] for name in ("findings", "verified", "failed")} == {
        "findings": "1",
        "verified": "1",
        "failed": "1",
    }
    assert "<code>onnx</code>" in runner.summary()
    assert (Path(runner.outputs()["html"]) / "verify.html").exists()


def test_a_part_that_is_not_there_is_an_error(runner: Runner) -> None:
    runner.step("check")
    part(runner, "1/2", Result("src/plain.py::Double", "onnx", "ok", "", "src/plain.py", 5))
    done = runner.step("merge", PARTS=str(runner.folder / "parts"), SHARDS='["1/2", "2/2"]')
    assert (done.returncode, "no results of shard 2/2" in done.stdout) == (2, True), done.stdout

"""Results of earlier runs: found again while nothing that made them changed, and only then."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from exportlint.verify.contract import Attached, Job, Result
from exportlint.verify.running import kept
from exportlint.verify.running.kept import Kept

READ = Attached(read=("net.py", "gone.json"))


@pytest.fixture
def job(project: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setenv("EXPORTLINT_CACHE_DIR", str(project / "cache"))
    (project / "net.py").write_text("first")
    return Job("net.py::Net", str(project), "onnx")


def entries(project: Path) -> list[Path]:
    return list((project / "cache/verify").glob("*"))


def kept_now(job: Job, status: str = "ok", reason: str = "") -> Result:
    result = Result(job.entry, job.target, status, reason, seconds={"total": 1.0}, attached=READ)
    Kept("process").keep(job, result, time.time() + 1)
    return result


def test_a_kept_result_is_found_and_says_so(job: Job) -> None:
    assert Kept("process").find(job) is None
    result = kept_now(job)
    assert Kept("process").find(job) == replace(result, cached=True)


def test_another_job_another_sandbox_or_another_package_is_another_result(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_now(job)
    assert Kept("none").find(job) is None
    assert Kept("process").find(replace(job, opset=18)) is None
    assert Kept("process").find(replace(job, kwargs={"classes": 3})) is None
    monkeypatch.setattr(kept, "_packages", lambda: "torch of tomorrow")
    assert Kept("process").find(job) is None


@pytest.mark.parametrize("changed", ["net.py", "gone.json"])
def test_a_file_that_changes_or_appears_is_seen(job: Job, project: Path, changed: str) -> None:
    kept_now(job)
    (project / changed).write_text("second")
    assert Kept("process").find(job) is None


def test_a_file_that_changed_while_the_worker_ran_keeps_nothing(job: Job, project: Path) -> None:
    Kept("process").keep(job, Result(job.entry, job.target, "ok", attached=READ), time.time() - 60)
    assert entries(project) == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [("crashed", ""), ("timeout", ""), ("not-runnable", "the model cannot be built: ModuleNotFoundError: no timm")],
)
def test_what_may_be_otherwise_next_time_is_not_kept(job: Job, project: Path, status: str, reason: str) -> None:
    kept_now(job, status, reason)
    assert entries(project) == []


def test_a_result_whose_files_are_unknown_is_not_kept(job: Job, project: Path) -> None:
    Kept("process").keep(job, Result(job.entry, job.target, "ok"), time.time() + 1)
    assert entries(project) == []


def test_who_wants_files_gets_a_run(job: Job, project: Path) -> None:
    kept_now(job)
    assert Kept("process").find(replace(job, artifacts=str(project))) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"read": {}, "answer": {}}', '{"read": 3}'])
def test_a_broken_entry_is_no_entry(job: Job, project: Path, text: str) -> None:
    kept_now(job)
    (entry,) = entries(project)
    entry.write_text(text)
    assert Kept("process").find(job) is None


def test_a_folder_that_cannot_be_written_to_loses_nothing(
    job: Job, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPORTLINT_CACHE_DIR", str(project / "net.py" / "below"))
    kept_now(job)
    assert Kept("process").find(job) is None


def test_entries_used_longest_ago_are_forgotten(job: Job, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_ENTRIES", 2)
    for seed in range(4):
        kept_now(replace(job, seed=seed))
    assert len(entries(project)) == 2


def test_weights_are_told_apart_by_size_and_time(job: Job, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LARGEST_HASHED", 2)
    kept_now(job)
    assert Kept("process").find(job) is not None
    os.utime(project / "net.py", (1, 1))
    assert Kept("process").find(job) is None


def test_reads_are_modules_and_data_of_the_project_also_those_looked_for_in_vain(project: Path) -> None:
    (project / "part.py").write_text("import json\n")
    (project / "data.json").write_text("{}")
    code = (
        "import sys; from pathlib import Path; from exportlint.verify.reads import Reads\n"
        "reads = Reads(Path('.')); sys.path.insert(0, '.'); import part\n"
        "open('data.json').read(); open('made.txt', 'w').write('x')\n"
        "try: open('absent.json')\n"
        "except OSError: print(*reads.files())"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == ["absent.json", "data.json", "part.py"]


NET = """import json
from pathlib import Path
from torch import nn
from part import scale


class Net(nn.Module):
    def forward(self, x):
        return x * scale() * json.loads(Path(__file__).with_name("data.json").read_text())
"""


@pytest.mark.torch
def test_a_second_run_takes_under_a_second_and_no_torch_until_an_imported_file_changes(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPORTLINT_CACHE_DIR", str(project / "cache"))
    (project / "net.py").write_text(NET)
    (project / "part.py").write_text("def scale():\n    return 2\n")
    (project / "data.json").write_text("3")
    (project / "exportlint.toml").write_text(
        '[[models]]\nentry = "net.py::Net"\ninputs = { x = "float32[n]" }\ntargets = ["trace"]\n'
    )

    def run() -> tuple[bool, float, set[str]]:
        code = (
            "import sys; from exportlint.cli.main import main\n"
            "main(['verify', '--output-format', 'json', '--output-file', 'out.json']); print(*sys.modules)"
        )
        before = os.times()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        after = os.times()  # of the processor, for a machine with other work to do
        seconds = after.children_user - before.children_user + after.children_system - before.children_system
        (result,) = json.loads((project / "out.json").read_text())["results"]
        assert result["status"] == "ok", result["reason"]
        assert "attached" not in result
        return result["cached"], seconds, set(done.stdout.split())

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    time.sleep(0.05)
    assert run()[0] is False
    cached, seconds, modules = run()
    assert cached
    assert seconds < 1
    assert not modules & {"torch", "numpy", "onnx", "onnxruntime"}
    for name, text in (("part.py", "def scale():\n    return 1\n"), ("data.json", "5")):
        (project / name).write_text(text)
        time.sleep(0.05)
        assert run()[0] is False
        assert run()[0] is True

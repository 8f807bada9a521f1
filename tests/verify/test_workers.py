"""Workers forked from a warm parent: as separate as fresh ones, and gone with whoever started them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import bench_kill
from exportlint.verify.contract import Job
from exportlint.verify.isolation.sandbox import Sandbox
from exportlint.verify.running.runner import Runner
from exportlint.verify.running.workers import Forked, Fresh, Warm

pytestmark = [pytest.mark.torch, pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")]
NET = """import os, sys
import torch

KEPT = []


class Net(torch.nn.Module):
    def forward(self, x):
        KEPT.append(1)
        os.environ["SEEN"] = "1"
        return x * {number}
"""


def test_a_worker_is_forked_and_sees_nothing_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    start = Warm.start
    monkeypatch.setattr(Warm, "start", lambda self, launch: started.append(start(self, launch)) or started[-1])
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    for folder, number in (("one", 2), ("two", 3)):
        (tmp_path / folder / "net.py").write_text(NET.format(number=number))
    spec = {"inputs": {"x": "float32[3]"}, "seconds": 60.0}
    jobs = [Job("net.py::Net", str(tmp_path / folder), "trace", **spec) for folder in ("one", "two")]
    runner = Runner(Sandbox(), width=1)
    results = runner.run(jobs, lambda job: None, lambda result: None)
    assert [result.status for result in results] == ["ok", "ok"], results
    assert [type(worker) for worker in started] == [Forked, Forked]


def test_where_the_warm_parent_cannot_start_workers_are_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exportlint.verify.running.workers.READY", b"never")
    warm = Warm(["trace"])
    try:
        worker = warm.start(Sandbox().launch(tmp_path))
        assert isinstance(worker, Fresh)
        worker.kill()
        assert worker.wait(10) == -9
    finally:
        warm.close()


def test_killed_runs_leave_a_report_a_whole_cache_and_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sample of benchmarks/bench_kill.py."""
    monkeypatch.setattr(bench_kill, "LONGEST", 5.0)
    wrong, _ = bench_kill.trouble(3, 1, tmp_path)
    assert wrong == []


PARENT = """import socket, subprocess, sys, time

mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
nursery = "exportlint.verify.running.nursery"
process = subprocess.Popen(
    [sys.executable, "-m", nursery, str(theirs.fileno())], pass_fds=[theirs.fileno()], start_new_session=True
)
print(process.pid, flush=True)
time.sleep(60)
"""
SLOW = "import pathlib, time\npathlib.Path(__file__).with_name('begun').touch()\ntime.sleep(60)\n"


def test_a_warm_parent_that_still_imports_ends_with_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch.py").write_text(SLOW)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(__file__).parents[2]}")
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        nursery = int(parent.stdout.readline())
        while not (tmp_path / "begun").exists():
            time.sleep(0.05)
        parent.kill()
    deadline = time.monotonic() + 10
    while _runs(nursery) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(nursery)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

"""Models verified on a Dask cluster: the same results as here, and nothing that stays behind."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")
distributed = pytest.importorskip("distributed", reason="needs the dask extra")

from exportlint.mistake import UserMistake  # noqa: E402  Dask may be absent
from exportlint.verify.contract import Job  # noqa: E402
from exportlint.verify.running import cluster  # noqa: E402

pytestmark = pytest.mark.torch
MODEL = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.factor = float(open(__file__.replace("net.py", "factor.txt")).read())

    def forward(self, x):
        if x.sum() > 0:
            return x * self.factor
        return x

class Endless(nn.Module):
    def forward(self, x):
        open("/proc/self/comm", "w").write("exl-endless")
        while True:
            pass

def inputs():
    return (torch.ones(3),)
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The scheduler of a cluster of two workers, each a process."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as there:
        yield there.scheduler_address


@pytest.fixture
def files(project: Path) -> Path:
    """A project of one model, and a file that it reads."""
    (project / "net.py").write_text(MODEL)
    (project / "factor.txt").write_text("3")
    (project / "exportlint.toml").write_text(
        'targets = ["trace", "script"]\n[[models]]\nentry = "net.py::Net"\ninputs = "net.py::inputs"\n'
    )
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    subprocess.run(["git", "add", "."], cwd=project, check=True)
    return project


def verify(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "exportlint", "verify", *words)
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=300, check=False)


def test_a_cluster_finds_what_this_machine_finds(address: str, files: Path) -> None:
    done = verify(files, "--dask", address, "--output-format", "json")
    assert done.returncode == 1, done.stderr
    traced, scripted = json.loads(done.stdout)["results"]
    assert (traced["status"], traced["path"], traced["line"]) == ("mismatch", "net.py", 11)
    assert scripted["status"] == "ok", scripted["reason"]
    script = files / traced["counterexample"]["script"]
    shown = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert "AssertionError" in shown.stderr


def test_a_task_that_is_given_up_leaves_no_process(address: str, files: Path) -> None:
    job = Job("net.py::Endless", str(files), "trace", inputs="net.py::inputs", seconds=120.0)
    with cluster.connected(address, files, [job.entry], "none") as runner:
        running = threading.Thread(target=runner.finished, args=(job,), daemon=True)
        running.start()
        assert within(60, lambda: endless())
        runner.stop()
        assert within(20, lambda: not endless())


def endless() -> list[int]:
    """Processes in the model that never ends, which gives itself a name."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and (folder / "comm").read_text().strip() == "exl-endless":
                found.append(int(folder.name))
        except OSError:  # it has just ended
            continue
    return found


def within(seconds: float, holds) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.2)
    return False


@pytest.mark.parametrize("words", [("--sandbox", "docker"), ("--artifacts", "kept")])
def test_what_a_cluster_cannot_do_is_refused(address: str, files: Path, words: tuple[str, ...]) -> None:
    done = verify(files, "--dask", address, *words)
    assert (done.returncode, "--dask" in done.stderr) == (2, True), done.stderr


def test_a_file_that_git_does_not_track_is_missed_at_once(address: str, files: Path) -> None:
    (files / "new.py").write_text(MODEL)
    with pytest.raises(UserMistake, match="git add"), cluster.connected(address, files, ["new.py::Net"], "process"):
        pass


def test_no_scheduler_is_a_mistake_with_the_address(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with (
        pytest.raises(UserMistake, match="no scheduler answers"),
        cluster.connected("tcp://127.0.0.1:1", files, ["net.py::Net"], "process"),
    ):
        pass


def test_another_exportlint_on_the_cluster_is_refused(
    address: str, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "__version__", "0.0.1")
    with (
        pytest.raises(UserMistake, match=r"has exportlint .*, and this is 0\.0\.1"),
        cluster.connected(address, files, ["net.py::Net"], "process"),
    ):
        pass

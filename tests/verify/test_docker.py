"""The docker sandbox, with an image built from this repository (`make image`)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import ClassVar

import pytest

from exportlint.mistake import UserMistake
from exportlint.verify.contract import Job, Result
from exportlint.verify.runner import Runner
from exportlint.verify.sandbox import IMAGE, Launch, Sandbox

pytestmark = pytest.mark.docker
MODEL = """import socket, time
from pathlib import Path
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x + 1


class Reaches(Net):
    def forward(self, x):
        socket.create_connection(("1.1.1.1", 53), timeout=3)
        return x


class Writes(Net):
    def forward(self, x):
        Path("/src/planted").write_text("x")
        return x


class Hangs(Net):
    def forward(self, x):
        time.sleep(600)
        return x
"""


class Noting(Sandbox):
    """The docker sandbox; notes the names of the containers it launches."""

    names: ClassVar[set[str]] = set()

    def launch(self, root: Path) -> Launch:
        launch = super().launch(root)
        self.names.add(str(launch.container))
        return launch


def containers() -> set[str]:
    command = ["docker", "ps", "--all", "--format", "{{.Names}}"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    try:
        found = subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        found = False
    if not found:
        pytest.skip(f"no docker, or no image {IMAGE}")
    root = tmp_path_factory.mktemp("project")
    root.chmod(0o755)
    (root / "net.py").write_text(MODEL)
    inputs = {"x": "float32[2]"}
    jobs = [
        Job(f"net.py::{name}", str(root), "trace", inputs=inputs, seconds=15.0 if name == "Hangs" else 120.0)
        for name in ("Net", "Reaches", "Writes", "Hangs")
    ]
    with Noting("docker").prepared(root) as ready:
        answers = Runner(ready).run(jobs, lambda job: None, lambda result: None)
    assert len(Noting.names) == len(jobs)
    assert not containers() & Noting.names
    assert not (root / "planted").exists()
    return {result.model.partition("::")[2]: result for result in answers}


def test_a_good_model_is_verified_in_the_container(results: dict[str, Result]) -> None:
    assert results["Net"].status == "ok", results["Net"].reason


def test_there_is_no_network_and_nothing_to_write_to(results: dict[str, Result]) -> None:
    for name in ("Reaches", "Writes"):
        assert (results[name].status, results[name].path) == ("not-runnable", "net.py"), results[name].reason


def test_a_model_that_hangs_is_killed_with_its_container(results: dict[str, Result]) -> None:
    assert results["Hangs"].status == "timeout"


@pytest.mark.skipif(shutil.which("docker") is None, reason="no docker")
def test_what_the_sandbox_cannot_do_is_the_users_mistake() -> None:
    with pytest.raises(UserMistake, match="absent:image"):
        Sandbox("docker", "absent:image").check(keeps_files=False)
    with pytest.raises(UserMistake, match="--artifacts"):
        Sandbox("docker").check(keeps_files=True)

"""The container: what is in it, and what model code can do there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.box.conftest import write

pytestmark = pytest.mark.docker

HEAD = """\
import os
import socket
import time
from pathlib import Path

import torch
from torch import nn

def inputs():
    return (torch.ones(2, 3),)

class Doubling(nn.Module):
    def forward(self, x):
        return x * 2

"""
PROBE = (
    HEAD
    + """
def attempt(action):
    try:
        action()
    except Exception as error:
        return type(error).__name__
    return "succeeded"

def probe():
    tried = {
        "network": attempt(lambda: socket.create_connection(("1.1.1.1", 53), 3)),
        "names": attempt(lambda: socket.getaddrinfo("localhost.localdomain.example", 80)),
        "checkout": attempt(lambda: Path("/src/model.py").write_text("")),
        "root": attempt(lambda: Path("/opt/exportlint/x").write_text("")),
        "root user": attempt(lambda: os.setuid(0)),
        "docker": attempt(lambda: socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock")),
        "tokens": sorted(name for name in os.environ if "TOKEN" in name),
        "uid": os.getuid(),
    }
    raise RuntimeError("PROBED " + repr(tried))
"""
)
HANGING = (
    HEAD
    + """
def endless():
    import signal
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1)
"""
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder that the container's user may read, as a checkout is; pytest's own is private."""
    tmp_path.chmod(0o755)
    return tmp_path


def verify(image: str, folder: Path, *words: str) -> tuple[int, list[dict[str, Any]]]:
    """Runs `exportlint verify` with the docker sandbox in `folder`; its status and its results."""
    command = [sys.executable, "-m", "exportlint", "verify", "--sandbox=docker", f"--image={image}"]
    environment = {**os.environ, "PYTHONSAFEPATH": "1", "GITHUB_TOKEN": "a token"}
    done = subprocess.run(
        [*command, "--output-format=json", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)["results"]


def containers() -> set[str]:
    listed = subprocess.run(
        ["docker", "ps", "--all", "--filter=name=exportlint-", "--format={{.Names}}"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(listed.stdout.split())


def test_holds_no_compiler_git_or_download_program_and_is_not_root(image: str) -> None:
    script = "for name in gcc cc g++ make git curl wget; do command -v $name; done; id -u; id -un"
    done = subprocess.run(
        ["docker", "run", "--rm", "--network=none", "--read-only", "--entrypoint=sh", image, "-c", script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["10001", "exportlint"]


def test_exports_and_compares(image: str, project: Path) -> None:
    write(project, {"model.py": HEAD})
    status, results = verify(image, project, "--inputs=model.py::inputs", "model.py::Doubling")
    assert (status, [result["status"] for result in results]) == (0, ["ok"]), results


def test_entry_point_verifies_what_is_mounted(image: str, project: Path) -> None:
    """The image used by hand, as SECURITY.md shows it."""
    write(project, {"model.py": HEAD})
    box = ["--rm", "--network=none", "--read-only", "--cap-drop=ALL", "--tmpfs=/tmp", f"--volume={project}:/src:ro"]
    done = subprocess.run(
        ["docker", "run", *box, image, "--inputs=model.py::inputs", "model.py::Doubling"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 ok" in done.stdout


def test_model_code_reaches_nothing(image: str, project: Path) -> None:
    write(project, {"model.py": PROBE})
    _, results = verify(image, project, "--inputs=model.py::inputs", "model.py::probe")
    probed = results[0]["reason"].partition("PROBED ")[2]
    assert probed, results
    for tried in ("network", "names", "checkout", "root", "root user", "docker"):
        assert f"'{tried}': 'succeeded'" not in probed
        assert f"'{tried}': '" in probed
    assert "'tokens': []" in probed
    assert "'uid': 10001" in probed
    assert (project / "model.py").read_text() == PROBE


def test_a_model_that_ignores_signals_is_removed_at_the_deadline(image: str, project: Path) -> None:
    write(project, {"model.py": HANGING})
    before = containers()
    status, results = verify(image, project, "--timeout=15", "--inputs=model.py::inputs", "model.py::endless")
    assert (status, results[0]["status"]) == (1, "timeout")
    assert containers() <= before

"""The container: what is in it, and what model code can do there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exportlint.mistake import UserMistake
from exportlint.verify.isolation.sandbox import Sandbox
from tests.box.conftest import program, write

pytestmark = pytest.mark.docker

HEAD = """\
import time

import torch
from torch import nn

def inputs():
    return (torch.ones(2, 3),)

class Doubling(nn.Module):
    def forward(self, x):
        return x * 2

"""
REACHING = """
import os
import socket

def tries():
    yield lambda: socket.create_connection(("1.1.1.1", 53), 3)
    yield lambda: open("/src/planted.py", "w")
    yield lambda: open("/usr/planted", "w")
    yield lambda: 1 / ("a token" in repr(os.environ))
    yield lambda: 1 / (os.getuid() == 0)

for attempt in tries():
    try:
        attempt()
    except Exception:
        continue
    raise SystemExit("one attempt succeeded")
"""
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


def verify(image: str, folder: Path, *words: str, engine: str = "docker") -> tuple[int, list[dict[str, Any]]]:
    """Runs `exportlint verify` with a container's sandbox in `folder`; its status and its results."""
    command = [sys.executable, "-m", "exportlint", "verify", f"--sandbox={engine}", f"--image={image}"]
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


@pytest.fixture
def own_image(image: str) -> Iterator[str]:
    """A name of the image that no other test uses: tests at the same time have containers of their own."""
    own = f"{image}:{uuid.uuid4().hex}"
    subprocess.run(["docker", "tag", image, own], check=True, capture_output=True)
    yield own
    subprocess.run(["docker", "rmi", own], check=True, capture_output=True)


def images_of_containers() -> list[str]:
    command = ["docker", "ps", "--all", "--format={{.Image}}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def test_holds_no_compiler_git_or_download_program_and_is_not_root(image: str) -> None:
    script = "for name in gcc cc g++ make git curl wget; do command -v $name; done; id -u; id -un"
    done = subprocess.run(
        ["docker", "run", "--rm", "--network=none", "--read-only", "--entrypoint=sh", image, "-c", script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["10001", "exportlint"]


def test_exports_and_compares(image: str, tmp_path: Path) -> None:
    write(tmp_path, {"model.py": HEAD})
    status, results = verify(image, tmp_path, "--inputs=model.py::inputs", "model.py::Doubling")
    assert (status, [result["status"] for result in results]) == (0, ["ok"]), results


@pytest.fixture
def in_podman(image: str) -> Iterator[str]:
    """The image, handed on to Podman."""
    podman = program("podman")
    with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as saved:
        subprocess.run([podman, "load"], stdin=saved.stdout, check=True, capture_output=True)
    yield f"localhost/{image}"
    subprocess.run([podman, "rmi", "--force", f"localhost/{image}"], check=True, capture_output=True)


def test_podman_does_what_docker_does(in_podman: str, tmp_path: Path) -> None:
    write(tmp_path, {"model.py": HEAD + REACHING})
    status, results = verify(in_podman, tmp_path, "--inputs=model.py::inputs", "model.py::Doubling", engine="podman")
    assert (status, [result["status"] for result in results]) == (0, ["ok"]), results


def test_entry_point_verifies_what_is_mounted(image: str, tmp_path: Path) -> None:
    """The image used by hand, as SECURITY.md shows it."""
    write(tmp_path, {"model.py": HEAD}).chmod(0o755)
    box = ["--rm", "--network=none", "--read-only", "--cap-drop=ALL", "--tmpfs=/tmp", f"--volume={tmp_path}:/src:ro"]
    done = subprocess.run(
        ["docker", "run", *box, image, "--inputs=model.py::inputs", "model.py::Doubling"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 ok" in done.stdout


def test_a_model_that_ignores_signals_is_removed_at_the_deadline(own_image: str, tmp_path: Path) -> None:
    write(tmp_path, {"model.py": HANGING})
    status, results = verify(own_image, tmp_path, "--timeout=15", "--inputs=model.py::inputs", "model.py::endless")
    assert (status, results[0]["status"]) == (1, "timeout")
    assert own_image not in images_of_containers()


def test_what_containers_cannot_do_is_the_users_mistake(image: str) -> None:
    with pytest.raises(UserMistake, match="absent:image"):
        Sandbox("docker", "absent:image").check(keeps_files=False)
    with pytest.raises(UserMistake, match="--artifacts"):
        Sandbox("docker", image).check(keeps_files=True)


def test_an_image_of_another_exportlint_is_refused(image: str, tmp_path: Path) -> None:
    older = f"{image}-older"
    write(tmp_path, {"Dockerfile": f"FROM {image}\nLABEL org.opencontainers.image.version=0.0.1\n"})
    subprocess.run(["docker", "build", "--quiet", "--tag", older, tmp_path], check=True, capture_output=True)
    try:
        with pytest.raises(UserMistake, match=r"holds exportlint 0\.0\.1"):
            Sandbox("docker", older).check(keeps_files=False)
    finally:
        subprocess.run(["docker", "rmi", "--force", older], check=True, capture_output=True)

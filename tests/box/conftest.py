"""A copy of the project as users get it, and a repository that uses it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.box.github import github
from tests.box.steps import Runner

__all__ = ["github"]

PROJECT = Path(__file__).parents[2]
IMAGE = "exportlint-test"

BRANCH = """\
import torch
from torch import nn


class Gate(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x * 2
        return x


def inputs():
    return (torch.ones(2, 3),)
"""
BRANCH_LINE = 7

PLAIN = """\
import torch
from torch import nn


class Double(nn.Module):
    def forward(self, x):
        return x * 2


def inputs():
    return (torch.ones(2, 3),)
"""


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=tests", "-c", "user.email=tests@localhost", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def commit_all(folder: Path) -> None:
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")


def program(name: str) -> str:
    """The path of a program that a test runs; the test is skipped where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed; `make test` installs it")
    return found


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's files, without what git ignores, committed to a repository of their own."""
    copy = tmp_path_factory.mktemp("checkout") / "exportlint"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        if (PROJECT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, copy / name)
    commit_all(copy)
    return copy


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """The runner of a job whose workspace has a model that is flagged and one that is not."""
    workspace = write(tmp_path / "workspace", {"src/branch.py": BRANCH, "src/plain.py": PLAIN})
    commit_all(workspace)
    return Runner(tmp_path, workspace)


@pytest.fixture(scope="session")
def image() -> str:
    """The container, built from this Dockerfile; layers that did not change come from the engine's cache."""
    if shutil.which("docker") is None:
        pytest.skip("docker is not installed")
    if subprocess.run(["docker", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker engine answers")
    environment = {**os.environ, "TAG": IMAGE}
    built = subprocess.run(
        [PROJECT / "tools" / "build_image.sh"], env=environment, capture_output=True, text=True, check=False
    )
    lacks_torch = "No matching distribution found for torch" in built.stderr
    if lacks_torch and not {"TORCH_INDEX", "WHEELHOUSE"} & os.environ.keys():
        pytest.skip("no CPU build of torch within reach for the image; TORCH_INDEX or WHEELHOUSE says where one is")
    assert built.returncode == 0, built.stderr[-4000:]
    return IMAGE

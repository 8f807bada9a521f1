"""The pre-commit hooks, installed by pre-commit itself from this checkout."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.box.conftest import BRANCH, BRANCH_LINE, PLAIN, PROJECT, commit_all, program, write


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    config = '[[models]]\nentry = "src/plain.py::Double"\ninputs = "src/plain.py::inputs"\n'
    files = {"src/branch.py": BRANCH, "src/plain.py": PLAIN, "exportlint.toml": config}
    folder = write(tmp_path / "repository", files)
    commit_all(folder)
    return folder


def try_repo(hook: str, repository: Path, checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PRE_COMMIT_HOME": str(repository.parent / "pre-commit"),
        "PIP_CONSTRAINT": str(PROJECT / "constraints.txt"),
        "COLUMNS": "120",
    }
    command = [program("pre-commit"), "try-repo", str(checkout), hook, "--verbose", "--color=never", *words]
    return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)


def test_manifest_is_valid() -> None:
    done = subprocess.run(
        [program("pre-commit"), "validate-manifest", str(PROJECT / ".pre-commit-hooks.yaml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_static_hook_reports_the_line_in_the_files_it_is_given(repository: Path, checkout: Path) -> None:
    done = try_repo("exportlint", repository, checkout, "--files", "src/branch.py")
    assert f"src/branch.py:{BRANCH_LINE}:" in done.stdout, done.stdout + done.stderr
    assert "exit code: 1" in done.stdout
    clean = try_repo("exportlint", repository, checkout, "--files", "src/plain.py")
    assert (clean.returncode, "Passed" in clean.stdout) == (0, True), clean.stdout
    # the hook's environment is the static half alone
    assert not list(repository.parent.glob("pre-commit/**/site-packages/torch"))


@pytest.mark.skipif("CI" not in os.environ, reason="installs torch a second time, over a gigabyte; CI does")
@pytest.mark.torch
def test_verify_hook_exports_the_configured_model(repository: Path, checkout: Path) -> None:
    done = try_repo("exportlint-verify", repository, checkout, "--hook-stage", "manual", "--all-files")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "src/plain.py::Double" in done.stdout

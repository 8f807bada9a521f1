"""The pre-commit hooks, installed by pre-commit itself from this checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
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


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that installing the static hook takes, as wheels: what a team without a package index keeps."""
    folder = tmp_path_factory.mktemp("wheels")
    wanted = [str(PROJECT), "hatchling>=1.27"]
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", f"--constraint={PROJECT / 'constraints.txt'}"]
    subprocess.run([*pip, f"--wheel-dir={folder}", *wanted], check=True, capture_output=True)
    return folder


def try_repo(
    hook: str, repository: Path, checkout: Path, *words: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        **variables,
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


def test_static_hook_reports_the_line_in_the_files_it_is_given(repository: Path, checkout: Path, wheels: Path) -> None:
    """Installed without an index, and soon done with one file."""
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    done = try_repo("exportlint", repository, checkout, "--files", "src/branch.py", **offline)
    assert f"src/branch.py:{BRANCH_LINE}:" in done.stdout, done.stdout + done.stderr
    assert "exit code: 1" in done.stdout
    clean = try_repo("exportlint", repository, checkout, "--files", "src/plain.py", **offline)
    assert (clean.returncode, "Passed" in clean.stdout) == (0, True), clean.stdout
    took = float(re.search(r"duration: ([\d.]+)s", clean.stdout)[1])
    assert took < 3, clean.stdout  # under half a second on a quiet machine
    # the hook's environment is the static half alone
    assert not list(repository.parent.glob("pre-commit/**/site-packages/torch"))


@pytest.mark.skipif("CI" not in os.environ, reason="installs torch a second time, over a gigabyte; CI does")
@pytest.mark.torch
def test_verify_hook_exports_the_configured_model(repository: Path, checkout: Path) -> None:
    done = try_repo("exportlint-verify", repository, checkout, "--hook-stage", "manual", "--all-files")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "src/plain.py::Double" in done.stdout

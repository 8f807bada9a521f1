"""A project to run the command in, and the command run in this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from exportlint.cli.main import main


@dataclass(frozen=True)
class Ended:
    """How one command ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """An empty folder to stand in, the root of a repository as far as exportlint looks."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


@pytest.fixture
def exportlint(capsys, project):
    """Runs the command in `project`."""

    def run(*arguments: str) -> Ended:
        status = main(arguments)
        return Ended(status, *capsys.readouterr())

    return run


@pytest.fixture
def check_says(monkeypatch):
    """Makes `check` answer with a report of the test's own, and keeps what it was asked."""
    asked: list[tuple] = []

    def stub(answer) -> list[tuple]:
        def check(paths, settings, *, stdin=None, cache=True, **means):
            asked.append((tuple(map(str, paths)), settings, stdin, cache))
            return answer

        monkeypatch.setattr("exportlint.check.check", check)
        return asked

    return stub

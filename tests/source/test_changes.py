"""Changed lines, as git's own diff has them, and none of the programs that git would run for it."""

import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from exportlint.mistake import UserMistake
from exportlint.source.changes import Changes

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


class Repository:
    """A git repository with one commit for each call of `commit`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str) -> str:
        who = ("-c", "user.name=tests", "-c", "user.email=tests@localhost")
        done = subprocess.run(["git", *who, *words], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        return file

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "all")

    def changes(self, revision: str = "HEAD") -> Changes:
        return Changes(self.folder, revision)


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


def test_new_and_other_lines_are_changed(repository):
    file = repository.write("a.py", "one\ntwo\nthree\nfour\n")
    repository.commit()
    assert repository.changes().lines(file) == frozenset()
    repository.write("a.py", "zero\none\nTWO\nthree\nfour\nfive\n")
    assert repository.changes().lines(file) == {1, 3, 6}
    assert repository.changes().changed(file)


def test_a_new_file_is_all_new_and_a_renamed_one_is_not(repository):
    old = repository.write("a.py", "one\ntwo\n")
    repository.commit()
    new = repository.write("b.py", "one\nother")
    assert repository.changes().lines(new) == {1, 2}
    old.rename(moved := repository.folder / "c.py")
    assert repository.changes().lines(moved) == frozenset()
    assert repository.changes().changed(old)


def test_line_ends_are_no_change(repository):
    file = repository.write("a.py", "one\ntwo\n")
    repository.commit()
    repository.write("a.py", "one\r\ntwo\r\n")
    assert repository.changes().lines(file) == frozenset()
    assert not repository.changes().changed(file)


def test_what_happened_on_the_other_branch_since_is_no_change(repository):
    file = repository.write("a.py", "one\ntwo\nthree\n")
    repository.commit()
    repository.git("checkout", "--quiet", "-b", "feature")
    repository.write("a.py", "one\ntwo\nTHREE\n")
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    repository.write("a.py", "ONE\ntwo\nthree\n")
    repository.commit()
    repository.git("checkout", "--quiet", "feature")
    assert repository.changes("main").lines(file) == {3}


def test_a_sub_folder_and_a_linked_file_have_their_names_in_the_repository(repository, monkeypatch):
    file = repository.write("sub/a.py", "one\n")
    repository.commit()
    repository.write("sub/a.py", "one\ntwo")
    (repository.folder / "sub" / "link.py").symlink_to(file)
    monkeypatch.chdir(file.parent)
    changes = Changes(Path.cwd(), "HEAD")
    assert changes.lines(Path("a.py")) == {2}
    assert changes.lines(Path("link.py")) == {2}


def test_agrees_with_git_on_random_edits(repository):
    """git's minimal diff may choose other lines among equal ones; lines are unique here."""
    choose = random.Random(0)
    old = [f"line {number}" for number in range(200)]
    file = repository.write("a.py", "\n".join(old) + "\n")
    repository.commit()
    for round_number in range(10):
        new = [line for line in old if choose.random() > 0.05]
        for place in sorted(choose.sample(range(len(new)), 10), reverse=True):
            new[place : place + choose.randint(0, 1)] = [f"new {round_number} {place}"]
        repository.write("a.py", "\n".join(new) + "\n")
        expected = set()
        for first, count in re.findall(r"^@@ .* \+(\d+)(?:,(\d+))? @@", repository.git("diff", "-U0"), re.MULTILINE):
            expected |= set(range(int(first), int(first) + int(count or 1)))
        assert repository.changes().lines(file) == expected


@pytest.mark.parametrize("revision", ["nowhere", "--help", "-x", "HEAD~9", ""])
def test_an_unknown_revision_is_said(repository, revision):
    repository.write("a.py", "one\n")
    repository.commit()
    with pytest.raises(UserMistake, match="no such commit"):
        repository.changes(revision)


def test_outside_of_a_repository_is_said(tmp_path):
    with pytest.raises(UserMistake, match="in no git repository"):
        Changes(tmp_path, "HEAD")


def test_runs_no_program_that_the_configuration_names(repository):
    file = repository.write("a.py", "one\n")
    repository.write(".gitattributes", "*.py filter=evil diff=evil\n")
    repository.commit()
    program = repository.write("evil.sh", "#!/bin/sh\ntouch ran\ncat\n")
    program.chmod(0o755)
    for key in ("filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "diff.evil.command"):
        repository.git("config", key, str(program))
    for key in ("diff.external", "core.fsmonitor", "core.pager"):
        repository.git("config", key, str(program))
    repository.write("a.py", "one\ntwo\n")
    assert repository.changes().lines(file) == {2}
    assert not (repository.folder / "ran").exists()


def test_fetches_nothing_though_the_configuration_allows_it(repository):
    """A clone may say that what it lacks is to be had from a program (`ext::`), and that such programs are allowed."""
    file = repository.write("a.py", "one\n")
    repository.commit()
    blob = repository.git("rev-parse", "HEAD:a.py").strip()
    (repository.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::touch {repository.folder}/ran",
        "protocol.ext.allow": "always",
        "protocol.allow": "always",
    }
    for key, value in settings.items():
        repository.git("config", key, value)
    repository.write("a.py", "two\n")
    with pytest.raises(UserMistake, match="lacks the object"):
        repository.changes().lines(file)
    assert not (repository.folder / "ran").exists()

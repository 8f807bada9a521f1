"""The copy of a project that a container is given."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from exportlint.mistake import UserMistake
from exportlint.verify.contract import Result, Step
from exportlint.verify.placed import placed
from exportlint.verify.sandbox import Sandbox
from exportlint.verify.staging import missing, stage


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=tests", "-c", "user.email=tests@localhost", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with everything that must stay out of a copy, in a folder that nobody else may read."""
    root = tmp_path / "checkout"
    for name in ("src/net.py", "data/in.txt", ".gitignore", "a\nb ::error::%0A\u202e.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("tracked")
    (tmp_path / "secret").write_text("token")
    (root / "link.txt").symlink_to(tmp_path / "secret")
    (root / "up").symlink_to(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/in.txt").write_text("of the submodule")
    commit(tmp_path / "sub")
    commit(root)
    git(root, "submodule", "--quiet", "add", str(tmp_path / "sub"), "module")
    git(root, "commit", "--quiet", "--message", "submodule")
    (root / "untracked.txt").write_text("not for the box")
    root.chmod(0o700)
    return root


def names(copy: Path) -> list[str]:
    return sorted(path.relative_to(copy).as_posix() for path in copy.rglob("*") if not path.is_dir())


def test_holds_what_git_tracks_without_links_submodules_or_git(checkout: Path, tmp_path: Path) -> None:
    mask = os.umask(0o077)
    try:
        stage(checkout, tmp_path / "copy")
    finally:
        os.umask(mask)
    assert names(tmp_path / "copy") == [
        ".gitignore",
        ".gitmodules",
        "a\nb ::error::%0A\u202e.py",
        "data/in.txt",
        "src/net.py",
    ]
    for path in (tmp_path / "copy", *(tmp_path / "copy").rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


def test_what_became_a_link_or_a_fifo_after_checkout_is_left_out(checkout: Path, tmp_path: Path) -> None:
    (checkout / "data/in.txt").unlink()
    (checkout / "data").rmdir()
    (checkout / "data").symlink_to(tmp_path)
    (tmp_path / "in.txt").write_text("token")
    (checkout / "src/net.py").unlink()
    os.mkfifo(checkout / "src/net.py")
    stage(checkout, tmp_path / "copy")
    assert not {"data/in.txt", "src/net.py"} & set(names(tmp_path / "copy"))


def test_git_runs_no_program_that_the_checkout_names(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "config", "core.fsmonitor", f"touch {tmp_path}/ran;")
    stage(checkout, tmp_path / "copy")
    assert not (tmp_path / "ran").exists()


def test_outside_of_git_it_holds_the_files_but_no_environments(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    for name in ("net.py", ".venv/pyvenv.cfg", ".venv/lib/x.py", "a/__pycache__/net.pyc", "a/b.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    (root / "link.py").symlink_to(root / "net.py")
    stage(root, tmp_path / "copy")
    assert names(tmp_path / "copy") == ["a/b.py", "net.py"]


def test_a_repository_that_git_does_not_trust_is_not_copied_whole(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".env").write_text("secret")
    with pytest.raises(UserMistake, match="git says"):
        stage(tmp_path, tmp_path.parent / f"{tmp_path.name}-copy")


def test_an_untracked_entry_is_the_users_mistake(checkout: Path) -> None:
    (checkout / "new.py").write_text("x")
    with pytest.raises(UserMistake, match="git add"), Sandbox("docker").prepared(checkout, ["new.py::Net"]):
        raise AssertionError("a sandbox without the model's file")
    assert missing(["src/net.py::Net", "package.net:make"], checkout) is None


def test_places_stand_in_the_copy_or_nowhere(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("1\n2\n3\n")
    trail = tuple(Step(path, 2, "x") for path in ("net.py", "../net.py", "/etc/passwd", "other.py", "net.py/x"))
    ran = {"net.py": "1,2-3", "other.py": "1", "": "1"}
    result = Result("net.py::Net", "onnx", "mismatch", path="net.py", line=3, trail=trail, ran=ran)
    seen = placed(result, tmp_path)
    assert (seen.path, seen.line) == ("net.py", 3)
    assert [step.path for step in seen.trail] == ["net.py"]
    assert seen.ran == {"net.py": "1,2-3"}
    far = placed(Result("net.py::Net", "onnx", "mismatch", path="net.py", line=5), tmp_path)
    assert (far.path, far.line) == (None, None)

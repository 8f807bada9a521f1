"""The copy of a project that a container is given."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from exportlint.mistake import UserMistake
from exportlint.verify.contract import Result, Stage, Step
from exportlint.verify.isolation import staging
from exportlint.verify.isolation.placed import placed
from exportlint.verify.isolation.sandbox import Sandbox
from exportlint.verify.isolation.staging import missing, stage


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
    (root / "circle").symlink_to("circle")
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


def test_a_forged_index_leads_nowhere_else(checkout: Path, tmp_path: Path) -> None:
    """git takes no such names, and lists them all the same when a stranger's `.git` came along with them."""
    (tmp_path / "secret").chmod(0o600)
    tmp_path.chmod(0o700)
    (checkout / ".git/notes").write_text("token")
    index = (checkout / ".git/index").read_bytes()
    for name in (f"{tmp_path}/secret", "../secret", ".git/notes", ".GIT/notes"):
        stage(forged(checkout, name), tmp_path / f"copy-{len(name)}")
        (checkout / ".git/index").write_bytes(index)
    assert sorted({path.name for path in tmp_path.glob("copy-*/**/*") if path.is_file()}) == [".gitignore"]
    assert (tmp_path.stat().st_mode & 0o777, (tmp_path / "secret").stat().st_mode & 0o777) == (0o700, 0o600)


def forged(checkout: Path, name: str) -> Path:
    """The repository with an index of two entries, one of which has this name."""
    blob = bytes.fromhex("00" * 20)
    entries = b""
    for path in sorted((os.fsencode(name), b".gitignore")):
        entry = bytes(24) + (0o100644).to_bytes(4, "big") + bytes(12) + blob + len(path).to_bytes(2, "big") + path
        entries += entry + bytes(8 - len(entry) % 8)
    content = b"DIRC" + (2).to_bytes(4, "big") + (2).to_bytes(4, "big") + entries
    (checkout / ".git/index").write_bytes(content + hashlib.sha1(content).digest())
    return checkout


def test_what_becomes_a_link_while_it_is_copied_is_refused(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(path: Path) -> bool:
        """Looks, and loses the race."""
        if path.name == "net.py":
            path.unlink()
            path.symlink_to(tmp_path / "secret")
        return True

    monkeypatch.setattr(staging, "_is_file", look)
    with pytest.raises(UserMistake, match="cannot be copied"):
        stage(checkout, tmp_path / "copy")
    assert "token" not in {path.read_text() for path in (tmp_path / "copy").rglob("*") if path.is_file()}


def test_a_project_too_large_to_copy_is_the_users_mistake(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "MOST_BYTES", 20)
    with pytest.raises(UserMistake, match="to copy for the container"):
        stage(checkout, tmp_path / "copy")
    assert sum(path.stat().st_size for path in (tmp_path / "copy").rglob("*") if path.is_file()) <= 20


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
    stages = tuple(Stage(path, 2, "add", None) for path in ("net.py", "../net.py"))
    assert [stage.path for stage in placed(replace(result, divergence=stages), tmp_path).divergence] == ["net.py"]
    for name in ("x" * 300, "a/" * 1999):  # no file can have these
        assert placed(replace(result, path=name), tmp_path).path is None
    far = placed(Result("net.py::Net", "onnx", "mismatch", path="net.py", line=5), tmp_path)
    assert (far.path, far.line) == (None, None)

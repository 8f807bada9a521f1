"""What model code in a container gets to see of a project: a copy of the files that git tracks, and nothing else.

Not `.git`, which may hold the token that checked it out; no links, which could lead out of the copy; no submodules.
Everyone may read the copy, because a container's user is nobody on this machine. Standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from exportlint.mistake import UserMistake

MOST_BYTES = 8 * 2**30
_LEFT_OUT = {".git", ".hg", ".svn", "__pycache__"}
# the checkout's own configuration must not name programs to run
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit")


def stage(root: Path, copy: Path) -> None:
    """Copies the project's regular files to the new folder `copy`. Raises UserMistake."""
    root, left = root.resolve(), MOST_BYTES
    _folder(copy)
    for name in _files(root):
        source = root / name
        if source.resolve() != source:  # a link, wherever on the way, leads somewhere else
            continue
        for parent in reversed(Path(name).parents[:-1]):
            _folder(copy / parent)
        left -= _copied(source, copy / name)
        if left < 0:
            raise UserMistake(f"{root} holds more than {MOST_BYTES // 2**30} GiB to copy for the container")


def missing(entries: Iterable[str], copy: Path) -> str | None:
    """The first of `entries` ("src/net.py::Net") whose file is not in the copy."""
    files = ((entry, entry.partition("::")) for entry in entries)
    return next((entry for entry, (file, colons, _) in files if colons and not (copy / file).is_file()), None)


def _folder(path: Path) -> None:
    path.mkdir(exist_ok=True)
    path.chmod(0o755)  # whatever the umask


def _copied(source: Path, target: Path) -> int:
    """Copies one file; its size in bytes. A submodule, a FIFO or what was deleted here is no file."""
    if not source.is_file():
        return 0
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise UserMistake(f"{source} cannot be copied for the container: {error.strerror}") from error
    target.chmod(0o644)
    return target.stat().st_size


def _files(root: Path) -> Iterator[str]:
    """Paths below `root`: what git tracks, or, outside of any repository, every file."""
    if any((folder / ".git").exists() for folder in (root, *root.parents)):
        yield from _tracked(root)
        return
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if not _is_left_out(Path(folder, name)))
        yield from (Path(folder, name).relative_to(root).as_posix() for name in sorted(names))


def _is_left_out(folder: Path) -> bool:
    return folder.name in _LEFT_OUT or (folder / "pyvenv.cfg").is_file()


def _tracked(root: Path) -> list[str]:
    try:
        done = subprocess.run([*_GIT, "ls-files", "-z"], cwd=root, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise UserMistake(f"{root} is a git checkout, but there is no git to ask what belongs to it") from error
    if done.returncode:
        raise UserMistake(f"{root}: git says: {os.fsdecode(done.stderr).strip()}")
    # a file in conflict is listed once for each side
    return list(dict.fromkeys(os.fsdecode(name) for name in done.stdout.split(b"\0") if name))

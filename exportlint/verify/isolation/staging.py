"""What model code in a container gets to see of a project: a copy of the files that git tracks, and nothing else.

Not `.git`, which may hold the token that checked it out; no links, which could lead out of the copy; no submodules.
Everyone may read the copy, because a container's user is nobody on this machine. Standard library only.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from exportlint.mistake import UserMistake
from exportlint.source import git

MOST_BYTES = 8 * 2**30
_LEFT_OUT = {".git", ".hg", ".svn", "__pycache__"}
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # nor wait for whoever writes into a FIFO


def stage(root: Path, copy: Path) -> None:
    """Copies the project's regular files to the new folder `copy`. Raises UserMistake."""
    root, left = root.resolve(), MOST_BYTES
    _folder(copy)
    for name in _files(root):
        if not _is_inside(name) or not _is_file(root / name):
            continue
        for parent in reversed(Path(name).parents[:-1]):
            _folder(copy / parent)
        left -= _copied(root / name, copy / name, left)


def missing(entries: Iterable[str], copy: Path) -> str | None:
    """The first of `entries` ("src/net.py::Net") whose file is not in the copy."""
    files = ((entry, entry.partition("::")) for entry in entries)
    return next((entry for entry, (file, colons, _) in files if colons and not (copy / file).is_file()), None)


def _is_inside(name: str) -> bool:
    """git refuses other names, but lists what somebody else's program wrote into its index."""
    path = PurePosixPath(name)
    return not path.is_absolute() and not {"..", ".git"} & {part.lower() for part in path.parts}


def _is_file(path: Path) -> bool:
    """Whether it is a regular file, with no link on the way. A submodule, a FIFO or a deleted file is none.

    By os.path, since Path.resolve raises for a link to itself.
    """
    return os.path.realpath(path) == str(path) and os.path.isfile(path)


def _folder(path: Path) -> None:
    path.mkdir(exist_ok=True)
    path.chmod(0o755)  # whatever the umask


def _copied(source: Path, target: Path, most: int) -> int:
    """Copies one file of at most `most` bytes; its size. Raises UserMistake."""
    try:
        # what has become a link since it was looked at is refused, what has become a FIFO is seen for one
        with os.fdopen(os.open(source, os.O_RDONLY | _NO_LINK), "rb") as read:
            status = os.fstat(read.fileno())
            if not stat.S_ISREG(status.st_mode):
                return 0
            if status.st_size > most:
                raise UserMistake(f"the project holds more than {MOST_BYTES // 2**30} GiB to copy for the container")
            with target.open("wb") as written:
                shutil.copyfileobj(read, written)
    except OSError as error:
        raise UserMistake(f"{source} cannot be copied for the container: {error.strerror}") from error
    target.chmod(0o644)
    return status.st_size


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
    done = git.run(root, "ls-files", "-z")
    if done is None:
        raise UserMistake(f"{root} is a git checkout, but there is no git to ask what belongs to it")
    if done.returncode:
        raise UserMistake(f"{root}: git says: {os.fsdecode(done.stderr).strip()}")
    # a file in conflict is listed once for each side
    return list(dict.fromkeys(os.fsdecode(name) for name in done.stdout.split(b"\0") if name))

"""Which files to read: what the user named, and the Python files below the folders they named.

Git knows best what belongs to a project, so it is asked first; without git, .gitignore files are honoured all the same.
A file or folder that the user names is always read, even one that git ignores. Symbolic links to folders are not
followed below a named folder, so loops cannot happen.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from exportlint.config import Settings
from exportlint.finding import Problem
from exportlint.source import git

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SKIPPED_FOLDERS = frozenset(
    {".bzr", ".direnv", ".eggs", ".git", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pytest_cache"}
    | {".ruff_cache", ".svn", ".tox", ".venv", "__pycache__", "__pypackages__", "node_modules", "site-packages", "venv"}
)
"""Folders that hold no source of the project; skipped when found below a named folder, not when named."""

_UNLISTED = re.compile(rb"could not open directory '(.+?)/?': (.+)")


def model_files(paths: Sequence[Path], settings: Settings) -> tuple[list[Path], list[Problem]]:
    """The Python files to read, sorted, each once, named the way the user named them; and what cannot be read.

    A stub (.pyi) has nothing to run and is passed over in silence: pre-commit hands it over with the rest.
    """
    found: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in paths:
        if os.path.isdir(path):
            files = [path / name for name in _kept(path, _names_below(path, problems), settings)]
        else:
            files = [] if path.suffix == ".pyi" else [path]
        for file in files:
            if os.path.isfile(file):
                found.setdefault(os.path.abspath(file), file)
            elif file is path or (os.path.islink(file) and not os.path.isdir(file)):
                # Any other name is of a file that git still lists after it was deleted.
                problems.append(Problem(str(file), None, _why_unreadable(file)))
    return sorted(found.values()), problems


def _why_unreadable(file: Path) -> str:
    try:
        file.stat()
    except OSError as error:
        target = f" (a symbolic link to {os.readlink(file)})" if os.path.islink(file) else ""
        return f"cannot be read: {error.strerror}{target}"
    return "cannot be read: neither a file nor a folder"


def _kept(folder: Path, names: Iterable[str], settings: Settings) -> Iterator[str]:
    """`names` below `folder` without those that `exclude` names; its patterns are relative to the configuration."""
    below = os.path.relpath(folder, settings.root)
    if not settings.exclude or below.startswith(os.pardir):
        yield from names
        return
    patterns = _patterns(settings.exclude)
    yield from (name for name in names if not patterns.match_file(os.path.join(below, name)))


def _names_below(folder: Path, problems: list[Problem]) -> Iterable[str]:
    names = _listed_by_git(folder, problems)
    return _walked(folder, "", (), problems) if names is None else names


def _listed_by_git(folder: Path, problems: list[Problem]) -> set[str] | None:
    """Python files below `folder` that git tracks or would track; None when git has no say here."""
    done = git.run(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if done is None or done.returncode != 0:
        return None
    names = {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}
    if not names and git.run(folder, "check-ignore", "--quiet", ".").returncode == 0:
        return None
    for name, why in _UNLISTED.findall(done.stderr):
        problems.append(Problem(str(folder / os.fsdecode(name)), None, f"cannot be read: {os.fsdecode(why)}"))
    files = {name for name in names if name.endswith(".py")}
    # A repository inside this one (a submodule, a clone) is listed as one name; its files are its own git's to list.
    for name in names - files:
        if os.path.isdir(folder / name) and not os.path.islink(folder / name):
            inner = _listed_by_git(folder / name, problems) or ()
            files.update(os.path.join(name, below) for below in inner)
    return {name for name in files if SKIPPED_FOLDERS.isdisjoint(name.split("/")[:-1])}


def _walked(
    folder: Path, below: str, ignoring: tuple[tuple[str, GitIgnoreSpec], ...], problems: list[Problem]
) -> Iterator[str]:
    """Python files in `folder`/`below` and deeper, without those that .gitignore files from `folder` down name.

    `ignoring`: the .gitignore files of the folders above, the outermost first, each with the folder it stands in.
    """
    try:
        with os.scandir(folder / below) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
        patterns = folder / below / ".gitignore"
        if os.path.isfile(patterns):
            spec = _patterns(patterns.read_text("utf-8", "replace").splitlines())
            ignoring = (*ignoring, (below, spec))
    except OSError as error:
        problems.append(Problem(str(error.filename), None, f"cannot be read: {error.strerror}"))
        return
    if any(entry.name == "pyvenv.cfg" for entry in entries) and below:
        return  # a virtual environment, whatever its name
    for entry in entries:
        name = os.path.join(below, entry.name)
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in SKIPPED_FOLDERS and not _ignored(name + "/", ignoring):
                yield from _walked(folder, name, ignoring, problems)
        elif name.endswith(".py") and not _ignored(name, ignoring):
            yield name


def _patterns(lines: Iterable[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)


def _ignored(name: str, ignoring: tuple[tuple[str, GitIgnoreSpec], ...]) -> bool:
    """Whether git would ignore `name`: the innermost .gitignore that says anything about it decides."""
    for where, spec in reversed(ignoring):
        slash = "/" if name.endswith("/") else ""
        said = spec.check_file(os.path.relpath(name, where or os.curdir) + slash).include
        if said is not None:
            return said
    return False

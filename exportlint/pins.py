"""Which release of a package a project pins: read from its lock file or requirements. Nothing is installed or run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# How uv, Poetry, PDM and PEP 751 write a package: parsed as TOML, a lock file of a megabyte would take 0.3 s.
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")
_LOCKED = r'^name = "{}"\r?\nversion = "([^"]+)"'
# A requirement that fixes the release: a line of its own, or quoted in a list of pyproject.toml.
_FIXED = r"{}\s*(?:\[[^\]]*\])?\s*(?:===?|~=)\s*v?(\d[\w.+!]*)"
_LINE, _QUOTED = rf"^\s*{_FIXED}", rf"""["']{_FIXED}"""
_POETRY = r"""^{}\s*=\s*["'](?:==|~|\^)?(\d[\w.+!]*)"""


@dataclass(frozen=True)
class Pin:
    """A release ("2.15.0") and the name of the file that pins it."""

    release: str
    file: str


def pinned(package: str, start: Path) -> Pin | None:
    """The release of `package` pinned in `start` or the nearest folder above, up to the repository's root.

    In one folder a lock file goes before requirements, and those before pyproject.toml. Where a file has several
    releases, for several platforms, the newest counts. None where nothing pins one: a range is no pin.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        for file, pattern in _candidates(folder):
            text = file.read_text(encoding="utf-8", errors="replace")
            releases = re.findall(pattern.format(re.escape(package)), text, re.MULTILINE | re.IGNORECASE)
            if releases:
                return Pin(max(releases, key=numbers), file.name)
        if (folder / ".git").exists():
            return None
    return None


def numbers(release: str) -> tuple[int, ...]:
    """The numbers of a release, to compare with: (2, 15, 0) for "2.15.0+cpu"."""
    return tuple(map(int, re.findall(r"\d+", release.partition("+")[0])))


def _candidates(folder: Path) -> Iterator[tuple[Path, str]]:
    """Files that may pin packages, each with the pattern of a pin in it, what says most first."""
    for name in _LOCKS:
        if (folder / name).is_file():
            yield folder / name, _LOCKED
    for file in sorted(folder.glob("requirements*.txt")):
        if file.is_file():
            yield file, _LINE
    if (folder / "pyproject.toml").is_file():
        yield folder / "pyproject.toml", _QUOTED
        yield folder / "pyproject.toml", _POETRY

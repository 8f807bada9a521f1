"""What of a container's result may reach this machine. Standard library only.

Who forges an answer can name any file and line: a place is held against the files that the container was given, and
stands in the project or nowhere. And he can attach a program, to be saved where someone runs it: nothing attached is
let through.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from exportlint.verify.contract import Attached, Result


def placed(result: Result, copy: Path) -> Result:
    """`result` without what is attached to it, and without the places that are no lines of a file in `copy`."""
    known = _Lines(copy)
    trail = tuple(step for step in result.trail if known.has(step.path, step.line))
    divergence = tuple(stage for stage in result.divergence if known.has(stage.path, stage.line))
    ran = {path: lines for path, lines in result.ran.items() if known.has(path, _last(lines))}
    path, line = result.path, result.line
    if path is not None and line is not None and not known.has(path, line):
        path, line = None, None
    places = {"path": path, "line": line, "trail": trail, "divergence": divergence, "ran": ran}
    return replace(result, **places, attached=Attached())


def _last(lines: str) -> int:
    """The largest line number in "5-9,12"."""
    return max((int(number) for part in lines.split(",") for number in part.split("-") if number), default=0)


@dataclass
class _Lines:
    """How many lines the files of a copy have, each counted once."""

    copy: Path
    counted: dict[str, int] = field(default_factory=dict)

    def has(self, path: str, line: int) -> bool:
        if path not in self.counted:
            self.counted[path] = self._count(path)
        return line <= self.counted[path]

    def _count(self, path: str) -> int:
        inside = PurePosixPath(path)
        if inside.is_absolute() or ".." in inside.parts or "\0" in path:
            return -1
        file = self.copy / inside
        # a copy holds no links, so that nothing leads out of it; a name that no file can have makes Path.is_file raise
        return file.read_bytes().count(b"\n") + 1 if os.path.isfile(file) else -1

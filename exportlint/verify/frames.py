"""Which source files are the user's, and how their paths are written in a report. Standard library only."""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType

_MACHINERY = (
    "torch",
    "torchgen",
    "functorch",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "onnx_ir",
    "numpy",
    "sympy",
    "exportlint",
)
# torch shortens some paths, and cuts letters off a path that shares no folder with it: a path starts where a word may
_MENTION = re.compile(
    r'File "(?P<file>[^"\n]+)", line (?P<line>\d+)|(?<![\w.-])(?P<bare>/[^\s:"()]+\.py)(?::|\()(?P<number>\d+)'
)


@dataclass(frozen=True)
class Place:
    """A line of the user's code. `own` is False for a package outside the project's root."""

    path: str
    line: int
    own: bool


@dataclass
class UserCode:
    """Tells the user's code from the machinery's: the standard library, torch, onnx and exportlint itself."""

    root: Path
    _known: dict[str, tuple[str, bool] | None] = field(default_factory=dict)

    def place(self, file: str, line: int) -> Place | None:
        """The place of a line, None where the file is not the user's."""
        if file not in self._known:
            self._known[file] = self._classify(file)
        known = self._known[file]
        return Place(known[0], line, known[1]) if known and line > 0 else None

    def _classify(self, file: str) -> tuple[str, bool] | None:
        if not file.endswith(".py"):
            return None
        path = Path(file).resolve()
        for folder in installed():
            if path.is_relative_to(folder):
                inside = path.relative_to(folder)
                return None if inside.parts[0].removesuffix(".py") in _MACHINERY else (inside.as_posix(), False)
        if path.is_relative_to(Path(__file__).resolve().parents[1]) or path.is_relative_to(standard()):
            return None
        if path.is_relative_to(self.root.resolve()):
            return path.relative_to(self.root.resolve()).as_posix(), True
        return path.as_posix(), False

    def innermost(self, places: Iterable[Place]) -> Place | None:
        """The last of `places` in the project itself, else the last at all."""
        found = list(places)
        own = [place for place in found if place.own]
        return (own or found or [None])[-1]

    def in_traceback(self, traceback: TracebackType | None) -> Iterator[Place]:
        """The user's frames of a traceback, outermost first."""
        while traceback is not None:
            place = self.place(traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
            if place:
                yield place
            traceback = traceback.tb_next

    def in_text(self, text: str) -> Iterator[Place]:
        """The user's lines that a message mentions, as `File "x.py", line 3`, `/x.py:3` or `/x.py(3)`, in order."""
        for mention in _MENTION.finditer(text):
            place = self.place(mention["file"] or mention["bare"], int(mention["line"] or mention["number"]))
            if place:
                yield place

    def above(self, frame: FrameType | None) -> Place | None:
        """The place nearest to `frame`, itself or a caller, that is the user's."""
        while frame is not None:
            place = self.place(frame.f_code.co_filename, frame.f_lineno)
            if place:
                return place
            frame = frame.f_back
        return None


def installed() -> tuple[Path, ...]:
    """The folders that packages are installed in."""
    names = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    names |= {entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")}
    return tuple(sorted(Path(name).resolve() for name in names))


def standard() -> Path:
    """The folder of the standard library."""
    return Path(sysconfig.get_path("stdlib")).resolve()

"""What a renderer may ask for beside the findings: source lines, the rules' documentation, the repository's root."""

from __future__ import annotations

import os
import tokenize
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exportlint.rule import Rule


@dataclass(frozen=True)
class View:
    """How the findings of one run are to be seen.

    `root`: the folder that paths in SARIF and annotations are relative to, usually the repository's. `rules`: gives
    them all; to load them takes longer than most reports do. `texts`: source that is not on disk (standard input), by
    path. `width`: columns of the terminal, None when there is none. `left`: models and targets that `verify` has not
    come to, when it was interrupted or is still running. `shard`: which part of a whole run this is, as "2/3"; "" for
    the whole.
    """

    root: Path
    rules: Callable[[], Sequence[Rule]] = tuple
    texts: Mapping[str, str] = field(default_factory=dict)
    width: int | None = None
    left: int = 0
    shard: str = ""
    _lines: dict[str, list[str]] = field(default_factory=dict, repr=False, compare=False)

    def line(self, path: str, number: int) -> str | None:
        """A source line without its end; None when the file has changed or gone since it was checked."""
        if path not in self._lines:
            self._lines[path] = self._read(path)
        lines = self._lines[path]
        return lines[number - 1] if 0 < number <= len(lines) else None

    def from_root(self, path: str) -> str:
        """`path`, which is relative to the working folder, seen from the root; with forward slashes."""
        return Path(os.path.relpath(path, self.root)).as_posix()

    def _read(self, path: str) -> list[str]:
        text = self.texts.get(path)
        if text is None:
            if not os.path.isfile(path):  # a FIFO or a device would be read for ever
                return []
            try:
                with tokenize.open(path) as file:
                    text = file.read()
            except (OSError, SyntaxError, ValueError):  # ValueError: no UTF-8, or a name that no file can have
                return []
        return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

"""The text behind a dotted name: read when the name is looked for, parsed when its tree is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from exportlint.finding import Problem
from exportlint.source.content import ABSENT, digest
from exportlint.source.module import Module, Unreadable, decode, encoded, parse_text, read

Key = tuple[Path, str]  # root folder and dotted name
_STAR = re.compile(r"import[\s\\]*\*")  # begins with a word: a hundred times as fast as with \b
_TREE = 60  # bytes of memory that a character takes once it is parsed


class Text:
    """A module's file, or the places where none was found. `looked_at` gives the digest of each place's content."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.looked_at: dict[Path, str] = {}
        self.problem: Problem | None = None
        self._shown = ""
        self._characters: str | None = None
        self._is_package = False
        self._module: Module | None = None

    def look(self, shown_from: Path, instead: Mapping[str, str]) -> Text:
        """Read the file that Python would import for the name, if there is one."""
        root, name = self.key
        base = root.joinpath(*name.split("."))
        for file in (base.with_suffix(".py"), base / "__init__.py"):
            if file.is_file():
                return self.read(file, shown_from, instead)
            self.looked_at[file] = ABSENT
        return self

    def read(self, file: Path, shown_from: Path, instead: Mapping[str, str]) -> Text:
        """Read this file, or take the text that stands `instead` of it; what goes wrong is said in `problem`."""
        self._shown, self._is_package = shown(file, shown_from), file.name == "__init__.py"
        self.looked_at[file] = ABSENT
        try:
            if self._shown in instead:
                self._characters = instead[self._shown]
                self.looked_at[file] = digest(encoded(self._characters))
            else:
                data = read(file, self._shown)
                self.looked_at[file] = digest(data)
                self._characters = decode(data, self._shown)
        except Unreadable as error:
            self.problem = error.problem
        return self

    @property
    def exists(self) -> bool:
        """Whether there is text."""
        return self._characters is not None

    @property
    def module(self) -> Module | None:
        """The parsed file; None without one, or when it cannot be parsed (said in `problem`)."""
        if self._module is None and self._characters is not None and self.problem is None:
            root, name = self.key
            try:
                tree = parse_text(self._characters, self._shown)
            except Unreadable as error:
                self.problem = error.problem
            else:
                self._module = Module(self._shown, name, root, self._is_package, self._characters, tree)
        return self._module

    def may_bind(self, name: str) -> bool:
        """Whether the module can have this name at its top level: a name that its text never says it has not."""
        return self._characters is not None and (name in self._characters or self._has_stars)

    @cached_property
    def _has_stars(self) -> bool:
        return _STAR.search(self._characters or "") is not None

    @property
    def weight(self) -> int:
        """Characters of parsed source that take the same memory."""
        held = len(self._characters or "")
        return held if self._module else held // _TREE

    def forget(self) -> None:
        """Let go of the tree, and of what refers back to it."""
        if self._module is not None:
            self._module.forget()
            self._module = None


def shown(file: Path, shown_from: Path) -> str:
    """A path as findings show it: relative to where the user stands, with forward slashes."""
    try:
        return file.relative_to(shown_from).as_posix()
    except ValueError:
        return file.as_posix()

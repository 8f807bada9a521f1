"""Which files a process read for the user: the modules it loaded, the data it opened. Standard library only."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from exportlint.verify.contract import MOST_READ, UNPRINTABLE
from exportlint.verify.frames import installed, standard

_SYSTEM = ("/proc", "/sys", "/dev", "/etc")


class Reads:
    """Notes files from the moment it is made; the interpreter has no way to stop that."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._opened: set[str] = set()
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple) -> None:
        # the event comes before the file is opened: what is looked for in vain is noted too
        if event == "open" and isinstance(arguments[0], str) and not (arguments[2] or 0) & os.O_ACCMODE:
            self._opened.add(os.path.abspath(arguments[0]))

    def files(self) -> tuple[str, ...] | None:
        """The files, those of the root as seen from it; None when they are too many or have no printable name.

        Installed packages are left out (their versions stand for them), and so are files of the system and temporary
        ones outside the root.
        """
        modules = {module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)}
        paths = sorted({Path(file) for file in self._opened | {os.path.abspath(file) for file in modules if file}})
        names = [self._name(path) for path in paths if self._counts(path)]
        if len(names) > MOST_READ or any(UNPRINTABLE.search(name) for name in names):
            return None
        return tuple(names)

    def _counts(self, path: Path) -> bool:
        elsewhere = (*installed(), standard(), Path(__file__).resolve().parents[1])
        if path.suffix == ".pyc" or any(path.is_relative_to(folder) for folder in elsewhere):
            return False
        if path.is_relative_to(self.root):
            return True
        return not any(path.is_relative_to(folder) for folder in (*_SYSTEM, tempfile.gettempdir()))

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

"""Which files a process read for the user: the modules it loaded, the data it opened. Standard library only."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable
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
        named = self._opened | {os.path.abspath(file) for file in modules if file}
        never = _below((*installed(), standard(), Path(__file__).resolve().parents[1]))
        own, passing = _below((self.root,)), _below((*_SYSTEM, tempfile.gettempdir()))
        # of thousands of paths few count: as text they are told apart in hundredths of a second, as Path in a second
        left = (file for file in named if not file.endswith(".pyc") and not never(file))
        names = [self._name(Path(file)) for file in sorted(left) if own(file) or not passing(file)]
        if len(names) > MOST_READ or any(UNPRINTABLE.search(name) for name in names):
            return None
        return tuple(names)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)


def _below(folders: Iterable[str | Path]) -> Callable[[str], bool]:
    """Tells whether an absolute path is one of the folders or lies in one."""
    starts = tuple(os.path.join(os.path.normcase(folder), "") for folder in folders)
    return lambda file: os.path.join(os.path.normcase(file), "").startswith(starts)

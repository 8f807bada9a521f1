"""The project: modules found by their dotted name, read only when something refers to them.

Names are resolved through imports, re-exports and star imports of files below the same root. What is installed
elsewhere (torch, numpy, einops) stays a dotted name.
"""

from __future__ import annotations

import ast
import builtins
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from exportlint.finding import Problem
from exportlint.source.bindings import Assigned, Defined, Definition, External, Import, bindings
from exportlint.source.module import Module
from exportlint.source.text import Key, Text, shown

_KEPT = 7 / 8  # of the most that may be held, when some has to go
_OFTEN = 3  # times that something is asked for until it stays longer than what was asked for later
_DEPTH = 12  # links of a chain of re-exports
_NEVER_STARRED = frozenset([*vars(builtins), "__file__", "__path__"])  # nobody hands these on to other modules


Resolved = Defined | Assigned | External | Module | None


class Project:
    """Modules by root and dotted name. `texts` stand in the place of the files that findings show under these paths.

    `looked_at` and `problems` are about what was asked for since the last `begin`.
    """

    def __init__(
        self, roots: Sequence[Path], shown_from: Path, texts: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.roots = roots
        self.shown_from = shown_from
        self.texts = texts
        self._by_name: dict[Key, Text] = {}  # the ones asked for last stand last
        self._asked: set[Key] = set()
        self._weights: dict[Key, int] = {}  # of what had been asked for at the last `begin`
        self._held = 0  # the sum of them
        self._times: dict[Key, int] = {}  # how often a `begin` found that it had been asked for
        self._resolved: dict[tuple[Module, str], Resolved] = {}  # since the last `begin`: what was asked is known again

    def begin(self, most_characters: int) -> None:
        """Forget what was asked for; and modules where more source than this is parsed.

        Those asked for longest ago go, the ones that were asked for often after all others.
        """
        for key in self._asked:  # what nobody asked for was not parsed either
            weight = self._by_name[key].weight
            self._held += weight - self._weights.get(key, 0)
            self._weights[key] = weight
            self._times[key] = self._times.get(key, 0) + 1
        self._asked = set()
        self._resolved = {}
        if self._held <= most_characters:
            return
        for key in sorted(self._by_name, key=lambda key: self._times.get(key, 0) >= _OFTEN):
            if self._held <= most_characters * _KEPT:
                break
            self._held -= self._weights.pop(key)
            self._by_name.pop(key).forget()

    @property
    def looked_at(self) -> dict[Path, str]:
        """Files read, or looked for in vain, with the digest of their content."""
        return {file: digest for key in self._asked for file, digest in self._by_name[key].looked_at.items()}

    @property
    def problems(self) -> list[Problem]:
        """What could not be read, a line each."""
        return [problem for key in self._asked if (problem := self._by_name[key].problem)]

    def add(self, file: Path) -> Module | None:
        """Read a file that is to be checked; None when it cannot be (then said in `problems`)."""
        key = locate(file)
        if not self._is_known(key):
            self._by_name[key] = Text(key).read(file, self.shown_from, self.texts)
        return self._by_name[key].module

    def module(self, name: str, near: Path) -> Module | None:
        """The module of a dotted name, looked for first below `near`, then below the other roots."""
        for root in self._nearest(near):
            found = self._find(root, name)
            if found:
                return found
        return None

    def _saying(self, word: str, name: str, near: Path) -> Module | None:
        """As `module`, but a file whose text never says the word is not parsed, and None."""
        for root in self._nearest(near):
            text = self._text(root, name)
            if text.exists:
                if not text.may_bind(word):
                    return None
                if text.module:
                    return text.module
        return None

    def _nearest(self, near: Path) -> list[Path]:
        return [near, *(root for root in self.roots if root != near)]

    def resolve(self, module: Module, dotted: str) -> Resolved:
        """What a dotted name means at the top level of a module."""
        key = (module, dotted)
        if key not in self._resolved:
            head, _, rest = dotted.partition(".")
            self._resolved[key] = self._attribute(self._top(module, head, 0), rest, 0)
        return self._resolved[key]

    def _attribute(self, value: Resolved, rest: str, depth: int) -> Resolved:
        if not rest or value is None:
            return value
        if isinstance(value, External):
            return External(f"{value.name}.{rest}")
        head, _, tail = rest.partition(".")
        if isinstance(value, Module):
            found = self._top(value, head, depth) or self.module(f"{value.name}.{head}", value.root)
            return self._attribute(found, tail, depth)
        if isinstance(value, Defined) and isinstance(value.node, ast.ClassDef):
            return self._attribute(_member(value, head), tail, depth)
        return None

    def _top(self, module: Module, name: str, depth: int) -> Resolved:
        if depth > _DEPTH:
            return None
        bound = bindings(module).get(name)
        if isinstance(bound, Import):
            return self.imported(module, bound, depth)
        if bound is not None or name in _NEVER_STARRED:
            return bound
        stars = bindings(module)["*"]
        inside = self._find(module.root, f"{module.name}.{name}") if stars and module.is_package else None
        if inside is not None:
            # A package that stars all that it holds would have all of it read for the name of a submodule.
            own = any(self.absolute(module, star) == inside.name for star in stars)
            return self._top(inside, name, depth + 1) if own else None
        for star in stars:
            source = self.absolute(module, star)
            target = self._saying(name, source, module.root) if source else None
            if target is not None and target is not module:
                found = self._top(target, name, depth + 1)
                if found is not None:
                    return found
        return None

    def imported(self, module: Module, imported: Import, depth: int = 0) -> Resolved:
        """What an import statement in a module binds."""
        source = self.absolute(module, imported)
        if source is None:
            return None
        if is_external(source):
            return External(f"{source}.{imported.name}" if imported.name else source)
        if imported.name is None:
            return self.module(source, module.root) or External(source)
        target = self.module(source, module.root)
        if target is not None:
            found = None if target is module else self._top(target, imported.name, depth + 1)
            return found or self.module(f"{source}.{imported.name}", module.root)
        inside = self.module(f"{source}.{imported.name}", module.root)
        return inside or External(f"{source}.{imported.name}")

    def absolute(self, module: Module, imported: Import) -> str | None:
        """The dotted name of the module that an import statement names; None where it leads out of the packages."""
        if not imported.level:
            return imported.module
        parts = module.name.split(".")
        keep = len(parts) - imported.level + (1 if module.is_package else 0)
        if keep < 0:
            return None
        return ".".join([*parts[:keep], *([imported.module] if imported.module else [])])

    def _find(self, root: Path, name: str) -> Module | None:
        return self._text(root, name).module

    def _text(self, root: Path, name: str) -> Text:
        key = (root, name)
        if not self._is_known(key):
            self._by_name[key] = Text(key).look(self.shown_from, self.texts)
        return self._by_name[key]

    def _is_known(self, key: Key) -> bool:
        if key in self._asked:
            return True
        self._asked.add(key)
        if key not in self._by_name:
            return False
        self._by_name[key] = self._by_name.pop(key)
        return True

    def show(self, file: Path) -> str:
        """A path as findings show it."""
        return shown(file, self.shown_from)


def locate(file: Path) -> tuple[Path, str]:
    """Root folder and dotted name of a file: the root is the nearest folder above that is no package."""
    file = Path(os.path.abspath(file))
    parts = [] if file.name == "__init__.py" else [file.stem]
    folder = file.parent
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts) or file.parent.name


def is_external(name: str) -> bool:
    """Names that are never looked for in the project, whatever folders it has."""
    return name.partition(".")[0] in ("torch", "numpy", "math", "typing", "functools", "collections", "itertools")


def _member(owner: Defined, name: str) -> Resolved:
    for statement in owner.node.body:
        if isinstance(statement, Definition) and statement.name == name:
            return Defined(owner.module, statement, f"{owner.qualname}.{name}")
        if isinstance(statement, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in statement.targets
        ):
            return Assigned(owner.module, statement.value)
    return None

"""The project: modules found by their dotted name, read only when something refers to them.

Names are resolved through imports, re-exports and star imports of files below the same root. What is installed
elsewhere (torch, numpy, einops) stays a dotted name.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from exportlint.finding import Problem
from exportlint.source.module import Module, Unreadable, parse_text, read

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_DEPTH = 12  # links of a chain of re-exports


@dataclass(frozen=True)
class Defined:
    """A function or class of the project."""

    module: Module
    node: Definition
    qualname: str

    def __hash__(self) -> int:
        return id(self.node)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Defined) and other.node is self.node


@dataclass(frozen=True)
class Assigned:
    """A module-level name bound to an expression of the project."""

    module: Module
    node: ast.expr


@dataclass(frozen=True)
class External:
    """A name that lives outside the project: "torch.nn.Linear"."""

    name: str


Resolved = Defined | Assigned | External | Module | None


class Project:
    """Modules by root and dotted name. `problems` holds what could not be read, a line each."""

    def __init__(self, roots: list[Path], shown_from: Path) -> None:
        self.roots = roots
        self.shown_from = shown_from
        self.problems: dict[str, Problem] = {}
        self.looked_at: set[Path] = set()  # files read, or looked for in vain, because something refers to them
        self._by_name: dict[tuple[Path, str], Module | None] = {}

    def add(self, file: Path, text: str | None = None) -> Module | None:
        """Read a file that is to be checked; None when it cannot be (then said in `problems`)."""
        root, name = locate(file)
        module = self._load(root, name, file, text)
        if module:
            module.checked = True
        if root not in self.roots:
            self.roots.append(root)
        return module

    def module(self, name: str, near: Path) -> Module | None:
        """The module of a dotted name, looked for first below `near`, then below the other roots."""
        for root in [near, *(r for r in self.roots if r != near)]:
            found = self._find(root, name)
            if found:
                return found
        return None

    def resolve(self, module: Module, dotted: str, depth: int = 0) -> Resolved:
        """What a dotted name means at the top level of a module."""
        head, _, rest = dotted.partition(".")
        return self._attribute(self._top(module, head, depth), rest, depth)

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
        if bound is not None:
            return bound
        stars = bindings(module)["*"]
        inside = self._find(module.root, f"{module.name}.{name}") if stars and module.is_package else None
        if inside is not None:
            # A package that stars all that it holds would have all of it read for the name of a submodule.
            own = any(self._absolute(module, star) == inside.name for star in stars)
            return self._top(inside, name, depth + 1) if own else None
        for star in stars:
            source = self._absolute(module, star)
            target = self.module(source, module.root) if source else None
            if target is not None and target is not module:
                found = self._top(target, name, depth + 1)
                if found is not None:
                    return found
        return None

    def imported(self, module: Module, imported: Import, depth: int = 0) -> Resolved:
        """What an import statement in a module binds."""
        source = self._absolute(module, imported)
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

    def _absolute(self, module: Module, imported: Import) -> str | None:
        if not imported.level:
            return imported.module
        parts = module.name.split(".")
        keep = len(parts) - imported.level + (1 if module.is_package else 0)
        if keep < 0:
            return None
        return ".".join([*parts[:keep], *([imported.module] if imported.module else [])])

    def _find(self, root: Path, name: str) -> Module | None:
        key = (root, name)
        if key not in self._by_name:
            base = root.joinpath(*name.split("."))
            self.looked_at.update((base.with_suffix(".py"), base / "__init__.py"))
            file = next((f for f in (base.with_suffix(".py"), base / "__init__.py") if f.is_file()), None)
            self._by_name[key] = None
            if file is not None:
                self._load(root, name, file, None)
        return self._by_name[key]

    def _load(self, root: Path, name: str, file: Path, text: str | None) -> Module | None:
        key = (root, name)
        known = self._by_name.get(key)
        if known is not None:
            return known
        shown = self.show(file)
        if shown in self.problems:
            return None
        try:
            text = read(file, shown) if text is None else text
            tree = parse_text(text, shown)
        except Unreadable as error:
            self.problems[shown] = error.problem
            self._by_name[key] = None
            return None
        module = Module(shown, name, root, file.name == "__init__.py", text, tree)
        self._by_name[key] = module
        return module

    def show(self, file: Path) -> str:
        """A path as findings show it: relative to where the user stands, with forward slashes."""
        try:
            return file.relative_to(self.shown_from).as_posix()
        except ValueError:
            return file.as_posix()


@dataclass(frozen=True)
class Import:
    """`import module` (name None) or `from module import name`, with the dots of a relative import in `level`."""

    module: str
    name: str | None
    level: int


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


def bindings(module: Module) -> dict:
    """What the top level of a module binds: name -> Import, Defined or Assigned; "*" -> its star imports."""
    if module._imports is None:
        module._imports = {}
        stars: list[Import] = []
        for statement in _statements(module.tree.body):
            for name, bound in _bound(module, statement):
                if name == "*":
                    stars.append(bound)
                else:
                    module._imports[name] = bound
        module._imports["*"] = tuple(stars)
    return module._imports


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if isinstance(statement, ast.If):
            yield from _statements(statement.orelse)
            yield from _statements(statement.body)
        elif isinstance(statement, ast.Try):
            for handler in statement.handlers:
                yield from _statements(handler.body)
            yield from _statements(statement.body)
        elif isinstance(statement, ast.With):
            yield from _statements(statement.body)


def imports_of(statement: ast.stmt) -> Iterator[tuple[str, Import]]:
    """Names that an import statement binds."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if alias.asname:
                yield alias.asname, Import(alias.name, None, 0)
            else:
                head = alias.name.partition(".")[0]
                yield head, Import(head, None, 0)
    elif isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name, Import(statement.module or "", alias.name, statement.level)


def _bound(module: Module, statement: ast.stmt) -> Iterator[tuple[str, object]]:
    if isinstance(statement, ast.Import):
        yield from imports_of(statement)
    elif isinstance(statement, ast.ImportFrom):
        for name, imported in imports_of(statement):
            yield name, Import(imported.module, None, imported.level) if name == "*" else imported
    elif isinstance(statement, Definition):
        yield statement.name, Defined(module, statement, statement.name)
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Name):
                yield target.id, Assigned(module, statement.value)
    elif isinstance(statement, ast.AnnAssign) and statement.value and isinstance(statement.target, ast.Name):
        yield statement.target.id, Assigned(module, statement.value)


def _member(owner: Defined, name: str) -> Resolved:
    for statement in owner.node.body:
        if isinstance(statement, Definition) and statement.name == name:
            return Defined(owner.module, statement, f"{owner.qualname}.{name}")
        if isinstance(statement, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in statement.targets
        ):
            return Assigned(owner.module, statement.value)
    return None

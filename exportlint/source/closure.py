"""The files that a module is made of: its own, those that it imports, and so on, wherever in them an import stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from exportlint.source.bindings import Import, imports_of
from exportlint.source.module import Module
from exportlint.source.project import Project, is_external

_ROOM = 50_000_000  # characters of source that stay in memory between two closures


def closure(project: Project, start: Path | str) -> frozenset[Path] | None:
    """Files of the project, those that were looked for in vain among them; None where `start` is none of its modules.

    `start` is a file or a dotted name. What is installed elsewhere, or imported by a name that is made up at run time,
    is not followed.
    """
    project.begin(_ROOM)
    first = project.add(start) if isinstance(start, Path) else project.module(start, project.roots[0])
    if first is None:
        return None
    left, seen = [first], {first.path}
    while left:
        module = left.pop()
        for name in _names(project, module):
            found = project.module(name, module.root)
            if found is not None and found.path not in seen:
                seen.add(found.path)
                left.append(found)
    return frozenset(project.looked_at)


def _names(project: Project, module: Module) -> Iterator[str]:
    """Every module that importing this one may import; `from a import b` may mean the module a.b."""
    yield from _parents(module.name)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _upto(alias.name)
        elif isinstance(node, ast.ImportFrom):
            for _, imported in imports_of(node):
                source = project.absolute(module, imported)
                if source is not None:
                    yield from _upto(f"{source}.{imported.name}" if _may_be_module(imported) else source)


def _may_be_module(imported: Import) -> bool:
    return imported.name is not None and imported.name != "*"


def _upto(name: str) -> Iterator[str]:
    if not is_external(name):
        yield from _parents(name)
        yield name


def _parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[:count]) for count in range(1, len(parts)))

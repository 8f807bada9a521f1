"""What the top level of a module binds: imports, definitions and assignments."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from exportlint.source.module import Module

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


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


@dataclass(frozen=True)
class Import:
    """`import module` (name None) or `from module import name`, with the dots of a relative import in `level`."""

    module: str
    name: str | None
    level: int


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

"""State that a function keeps outside of the model: in a default argument, or in a variable of the module.

`def forward(self, x, seen=[])` with `seen.append(x)`, `global steps` with `steps += 1`. It is state where the function
reads it back. What is kept under a key (`cache[n] = table`) is left alone: most of that is the same each time.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.events import StateWrite
from exportlint.flow.values import CERTAIN
from exportlint.source.project import Assigned
from exportlint.source.remembered import below, once_a_node

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_GROWS = ("append", "extend", "add", "insert")


def grown(frame: Frame, node: ast.Call) -> None:
    """Report `seen.append(x)` of a list that outlives the call."""
    func = node.func
    if isinstance(func, ast.Attribute) and func.attr in _GROWS and isinstance(func.value, ast.Name):
        name = func.value.id
        if _outlives(frame, name) and _is_read(frame, node, name):
            frame.emit(StateWrite, node, CERTAIN, name=name, form="grown")


def counted(frame: Frame, node: ast.AugAssign) -> None:
    """Report `steps += 1` of a global variable, and `counts["calls"] += 1` of a dict that outlives the call."""
    target = node.target
    if isinstance(target, ast.Name):
        kept = target.id in _declared_global(frame.function.node)
        if kept and _is_read(frame, node, target.id):
            frame.emit(StateWrite, node, CERTAIN, name=target.id, form="counted")
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        name = target.value.id
        if _outlives(frame, name) and _is_read(frame, node, name):
            frame.emit(StateWrite, node, CERTAIN, name=name, form="counted")


def _outlives(frame: Frame, name: str) -> bool:
    """Whether a name is bound to a list or dict that is made once: as a default, or where the module is loaded.

    A default counts where the write surely runs: under `if cache is not None`, those who pass a cache pass this too.
    """
    if _is_bound(frame.function.node, name):
        return False
    if name in frame.defaulted:
        return frame.is_certain
    if name in frame.env or name in frame.function.closure:
        return False
    found = frame.project.resolve(frame.module, name)
    return isinstance(found, Assigned) and is_mutable(found.node)


def is_mutable(node: ast.expr | None) -> bool:
    """A list, dict or set written as such, or made by its name."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("list", "dict", "set", "defaultdict", "Counter", "deque")
    return isinstance(node, ast.List | ast.Dict | ast.Set)


def _is_bound(function: ast.AST, name: str) -> bool:
    """Whether the function gives the variable another value: `seen = list(seen)`."""
    return any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in below(function))


@once_a_node
def _declared_global(function: ast.AST) -> frozenset[str]:
    return frozenset(name for node in below(function) if isinstance(node, ast.Global) for name in node.names)


def _is_read(frame: Frame, write: ast.AST, name: str) -> bool:
    """Whether the function reads the variable apart from the write itself, other than to look for a key."""
    inside = {id(node) for node in ast.walk(write)}
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) and id(node) not in inside
        for node in below(frame.function.node)
    )

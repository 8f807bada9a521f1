"""What a variable at the top level of a module holds."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow import attributes
from exportlint.flow.values import UNKNOWN, Const, Value
from exportlint.source.project import Assigned
from exportlint.source.remembered import once_a_node

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame


def assigned(frame: Frame, resolved: Assigned) -> Value:
    """A module-level name: configuration, so a constant of it stays open."""
    node = resolved.node
    if isinstance(node, ast.Constant):
        return Const(type(node.value).__name__, node.value, False)
    name = attributes.dotted(node)
    if name:
        from exportlint.flow.expressions import meaning

        return meaning(frame, frame.project.resolve(resolved.module, name))
    if _is_lookup(node) or (isinstance(node, ast.Dict | ast.List | ast.Tuple) and _is_small(node)):
        return attributes.in_module(frame, resolved.module, node)
    return UNKNOWN


def _is_lookup(node: ast.expr) -> bool:
    """`getattr(torch.compiler, "is_compiling", None)`, or one of several."""
    if isinstance(node, ast.BoolOp):
        return all(_is_lookup(value) for value in node.values)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr"


@once_a_node
def _is_small(table: ast.expr) -> bool:
    return len(ast.dump(table)) < 20_000

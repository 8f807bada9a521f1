"""Variables of which nothing but conditions ask: a tracer records what they are computed by, and drops it again."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.values import Value
from exportlint.source.remembered import below, once_a_node

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_TESTING = (ast.If, ast.While, ast.IfExp, ast.Assert)


def value(frame: Frame, node: ast.Assign) -> Value:
    """The kind of what is assigned."""
    asked = _names(frame.function.node)
    alone = all(isinstance(target, ast.Name) and target.id in asked for target in node.targets)
    frame.unrecorded += alone
    found = frame.eval(node.value)
    frame.unrecorded -= alone
    return found


@once_a_node
def _names(function: ast.AST) -> frozenset[str]:
    """The variables of a function that are read in conditions alone."""
    tests = [node.test for node in below(function) if isinstance(node, _TESTING)]
    asked = {part for test in tests for part in (test, *below(test)) if isinstance(part, ast.Name)}
    others = {
        node.id
        for node in below(function)
        if isinstance(node, ast.Name) and node not in asked and isinstance(node.ctx, ast.Load)
    }
    return frozenset(node.id for node in asked) - others

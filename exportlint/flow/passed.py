"""What a call passes, as its expression says."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow import conditions
from exportlint.flow.arguments import Arguments
from exportlint.flow.iteration import elements
from exportlint.flow.values import Map, Seq, Value
from exportlint.source.remembered import below, once_a_node

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame


def arguments(frame: Frame, node: ast.Call) -> Arguments:
    """The kinds of what a call passes."""
    args: list[Value] = []
    kwargs: dict[str, Value] = {}
    rest: Value | None = None
    open_kwargs = False
    checks = node in _statements(frame.function.node)
    for argument in node.args:
        if checks and isinstance(argument, ast.Compare | ast.BoolOp):
            args.append(conditions.tested(frame, argument))  # `check(x.numel() == 1)`
            continue
        if not isinstance(argument, ast.Starred):
            args.append(frame.eval(argument))
            continue
        value = frame.eval(argument.value)
        if isinstance(value, Seq) and value.items is not None:
            args += value.items
        else:
            rest = elements(frame, argument.value, value, "star")
    for keyword in node.keywords:
        value = frame.eval(keyword.value)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        elif isinstance(value, Map):
            kwargs |= {k: v for k, v in value.items if isinstance(k, str)}
            open_kwargs |= value.element is not None
        else:
            open_kwargs = True
    return Arguments(tuple(args), kwargs, rest, open_kwargs)


@once_a_node
def _statements(function: ast.AST) -> frozenset[ast.expr]:
    """The calls whose result nobody reads."""
    return frozenset(node.value for node in below(function) if isinstance(node, ast.Expr))

"""The arguments of a call, with stars."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.scripting.types import TENSOR, Type
from exportlint.flow.values import Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body


def arguments(body: Body, node: ast.Call) -> list[Value] | None:
    """The types of positional arguments; None when a star makes their number open."""
    given: list[Value] = []
    open_ended = False
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            starred(body, argument)
            open_ended = True
        else:
            given.append(body.term(argument))
    return None if open_ended else given


def starred(body: Body, node: ast.Starred) -> None:
    """`*value` in a call or a literal: torch must know how many values there are."""
    value = body.term(node.value)
    if value == TENSOR or (isinstance(value, Type) and value.name == "List"):
        body.fault(node, "list-length", f"a {'tensor' if value == TENSOR else 'list'} expanded with a star")

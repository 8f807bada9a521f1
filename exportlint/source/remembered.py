"""Questions about syntax whose answer is kept at the node: trees do not change, and the same one is asked for often."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)
Answer = TypeVar("Answer")
_CONTEXTS = frozenset([ast.Load, ast.Store, ast.Del])


def once_a_node(question: Callable[[Node], Answer]) -> Callable[[Node], Answer]:
    """The question, computed once for each node. The answer goes when the tree goes."""
    place = f"_exportlint_{question.__module__}.{question.__qualname__}"

    @functools.wraps(question)
    def answer(node: Node) -> Answer:
        held = vars(node)
        if place not in held:
            held[place] = question(node)
        return held[place]

    return answer


@once_a_node
def below(node: ast.AST) -> tuple[ast.AST, ...]:
    """All that is below a node, in the order of ast.walk, without Load, Store and Del.

    Not the node itself: it would keep itself in memory.
    """
    found: list[ast.AST] = [node]
    for one in found:  # grows as it goes
        for name in one._fields:
            value = getattr(one, name, None)
            if type(value) is list:
                found += [part for part in value if isinstance(part, ast.AST)]
            elif isinstance(value, ast.AST) and type(value) not in _CONTEXTS:
                found.append(value)
    return tuple(found[1:])

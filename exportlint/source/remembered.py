"""Questions about syntax whose answer is kept at the node: trees do not change, and the same one is asked for often."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)
Answer = TypeVar("Answer")


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

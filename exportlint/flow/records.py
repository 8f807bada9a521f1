"""Parameters that a function takes for lists of records: `[t["boxes"] for t in targets]`. Such a list is no tensor."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from exportlint.source.remembered import below, once_a_node

_OF_DICTS = ("items", "keys")


@once_a_node
def of_records(function: ast.AST) -> frozenset[str]:
    """The variables whose elements the function looks into by name."""
    loops = [node for node in below(function) if isinstance(node, ast.For | ast.comprehension)]
    drawn = [pair for loop in loops for pair in _pairs(loop.iter, loop.target)]
    if not drawn:
        return frozenset()
    looked_into = {name for node in below(function) if (name := _looked_into(node))}
    return frozenset(source for source, element in drawn if element in looked_into)


def _pairs(source: ast.expr, target: ast.expr) -> Iterator[tuple[str, str]]:
    """(source, element) of a loop, also where it runs over `enumerate` or `zip` of sources."""
    if isinstance(source, ast.Name) and isinstance(target, ast.Name):
        yield source.id, target.id
    elif isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and isinstance(target, ast.Tuple):
        if source.func.id == "enumerate" and source.args and len(target.elts) == 2:
            yield from _pairs(source.args[0], target.elts[1])
        elif source.func.id == "zip" and len(source.args) == len(target.elts):
            for one, element in zip(source.args, target.elts, strict=True):
                yield from _pairs(one, element)


def _looked_into(node: ast.AST) -> str | None:
    """The variable that `element["name"]` or `element.items()` looks into."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.value.id if isinstance(node.value, ast.Name) else None
    if isinstance(node, ast.Attribute) and node.attr in _OF_DICTS and isinstance(node.value, ast.Name):
        return node.value.id
    return None

"""Expressions that are surely sizes of tensors, that is integers from 0 up, as far as the function's text shows."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from exportlint.fix.site import Site
from exportlint.fix.source import Definition

_CLOSED = (ast.Add, ast.Mult, ast.FloorDiv)
"""Operations that make an integer from 0 up out of two."""


def is_size(site: Site, node: ast.expr) -> bool:
    """Whether it is `x.shape[0]`, `x.size(0)`, a name for one, or a sum, product or quotient of such and literals."""
    if isinstance(node, ast.Constant):
        return type(node.value) is int
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, _CLOSED) and is_size(site, node.left) and is_size(site, node.right)
    if isinstance(node, ast.Name):
        return node.id in _names_of_sizes(site.function)
    return _takes_size(node)


def _takes_size(node: ast.expr) -> bool:
    """`x.shape[0]` with one index that is a literal, or `x.size(0)`."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.value, ast.Attribute) and node.value.attr == "shape" and _is_index(node.slice)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "size":
        return len(node.args) == 1 and not node.keywords and _is_index(node.args[0])
    return False


def _is_index(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) is int


def _takes_all_sizes(node: ast.expr) -> bool:
    """`x.shape`, a slice of it, or `x.size()`."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        node = node.value
    if isinstance(node, ast.Call) and not node.args and not node.keywords:
        return isinstance(node.func, ast.Attribute) and node.func.attr == "size"
    return isinstance(node, ast.Attribute) and node.attr == "shape"


def _names_of_sizes(function: Definition) -> set[str]:
    """Local names that are bound to sizes wherever the function binds them."""
    sizes: set[str] = set()
    others = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    plain: set[ast.expr] = set()
    for statement in ast.walk(function):
        if isinstance(statement, ast.Assign):
            for name in _sizes_bound(statement):
                plain.add(name)
                sizes.add(name.id)
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del) and node not in plain:
            others.add(node.id)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            others.update(node.names)
    return sizes - others


def _sizes_bound(assignment: ast.Assign) -> Iterator[ast.Name]:
    for target in assignment.targets:
        if isinstance(target, ast.Name) and _takes_size(assignment.value):
            yield target
        elif isinstance(target, ast.Tuple | ast.List) and _takes_all_sizes(assignment.value):
            yield from (name for name in target.elts if isinstance(name, ast.Name))

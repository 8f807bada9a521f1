"""Pieces of expressions as fixers need them: the one argument of a call, and text with the parentheses it takes."""

from __future__ import annotations

import ast
from collections.abc import Container

import libcst as cst

from exportlint.fix.names import called
from exportlint.fix.site import Site

_ATOMS = (cst.Name, cst.Attribute, cst.Subscript, cst.Call)


def call_of(site: Site, names: Container[str]) -> cst.Call | None:
    """The call at the span, where it calls one of some functions, named as `called` names them."""
    node = site.syntax(ast.Call)
    return site.at(cst.Call) if node is not None and called(site, node) in names else None


def only_argument(call: cst.Call) -> cst.BaseExpression | None:
    """The argument of a call with one plain argument; None for other calls."""
    if len(call.args) != 1 or call.args[0].star or call.args[0].keyword:
        return None
    return call.args[0].value


def without_item(node: cst.BaseExpression) -> cst.BaseExpression:
    """The tensor that `.item()` is called on, else the expression itself."""
    called = isinstance(node, cst.Call) and not node.args and isinstance(node.func, cst.Attribute)
    return node.func.value if called and node.func.attr.value == "item" else node


def as_atom(site: Site, node: cst.BaseExpression) -> str:
    """The source of an expression such that `.name`, `[0]` or `** 2` can follow it."""
    code = site.code(node)
    return code if node.lpar or (isinstance(node, _ATOMS) and "\n" not in code) else f"({code})"


def in_place(site: Site, node: cst.BaseExpression, other: cst.BaseExpression) -> str:
    """The source of `other` as it can stand in the place of `node`."""
    code = site.code(other)
    atom = other.lpar or (isinstance(other, _ATOMS) and "\n" not in code)
    return code if atom else parenthesised(site, node, code)


def parenthesised(site: Site, node: cst.BaseExpression, text: str) -> str:
    """`text`, an operation, as it can stand in the place of `node`: in parentheses where it needs them."""
    return f"({text})" if site.needs_parentheses(node, text) else text

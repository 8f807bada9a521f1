"""Edits of abstract nodes: a hundred times cheaper than those of concrete ones, for forms that need no more.

Each raises Unfixable where a comment might be lost, and within an f-string, where `ast` does not know the columns.
"""

from __future__ import annotations

import ast
import re

from exportlint.finding import Edit, Span
from exportlint.fix.site import Site
from exportlint.fix.source import Unfixable

_ATTRIBUTES_AND_CALL = re.compile(r"((?:\s|\))*)(?:\.\s*\w+\s*)+\(\s*\)")


def source(site: Site, node: ast.AST) -> str:
    """The text of a node, without the parentheses around it."""
    return site.text(site.module.span(node))


def put(site: Site, node: ast.AST, text: str, last: ast.AST | None = None) -> Edit:
    """Puts a text in the place of a node, or of all from it to the last one."""
    return _edit(site, node, _from(site.module.span(node), site.module.span(last or node)), text)


def put_between(site: Site, name: ast.AST, value: ast.AST, text: str) -> Edit:
    """Puts a text in the place of the equals sign between two nodes."""
    start, end = site.module.span(name), site.module.span(value)
    gap = Span(start.path, start.end_line, start.end_column, end.line, end.column)
    if site.text(gap).strip() != "=":
        raise Unfixable(f"{gap.path}:{gap.line}: more than an equals sign stands there")
    return _edit(site, name, gap, text)


def put_after(site: Site, receiver: ast.AST, call: ast.Call, text: str) -> Edit:
    """Puts a text in the place of the attributes, and the call without arguments, that follow a receiver."""
    start, end = site.module.span(receiver), site.module.span(call)
    tail = Span(start.path, start.end_line, start.end_column, end.end_line, end.end_column)
    found = _ATTRIBUTES_AND_CALL.fullmatch(site.text(tail))
    if found is None:
        raise Unfixable(f"{tail.path}:{tail.line}: more than a call stands there")
    return _edit(site, receiver, tail, found[1] + text)


def put_above(site: Site, statement: ast.stmt, line: str) -> Edit:
    """Puts a line above a statement. Raises Unfixable for one that does not begin its line, such as an `elif`."""
    place = site.module.span(statement)
    before = site.module.lines[place.line - 1][: place.column - 1]
    if before.strip() or source(site, statement).startswith("elif"):
        raise Unfixable(f"{place.path}:{place.line}: the statement does not begin its line")
    return Edit(Span(place.path, place.line, place.column, place.line, place.column), f"{line}\n{before}")


def _from(start: Span, end: Span) -> Span:
    return Span(start.path, start.line, start.column, end.end_line, end.end_column)


def _edit(site: Site, node: ast.AST, span: Span, text: str) -> Edit:
    old = site.text(span)
    if "#" in old and old not in text:
        raise Unfixable(f"{span.path}:{span.line}: a comment may stand inside")
    around: ast.AST | None = node
    while around is not None:
        if isinstance(around, ast.JoinedStr):
            raise Unfixable(f"{span.path}:{span.line}: within an f-string")
        around = site.whole(around)
    return Edit(span, text)

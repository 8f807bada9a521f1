"""The concrete syntax around a finding: what stands at its span, in what, and edits of it that lose no comment.

Only the definition around a finding is parsed with libcst, which is ten times slower than `ast`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, ParentNodeProvider, PositionProvider

from exportlint.finding import Edit, Span
from exportlint.source.module import Module

DEEPEST = 150
"""Levels of a definition's syntax beyond which it is left alone: libcst 1.9 overflows the stack on deep nesting."""

Kind = TypeVar("Kind", bound=cst.CSTNode)
Definition = ast.FunctionDef | ast.AsyncFunctionDef
"""What a site stands in; in a script, any statement at the top level of the file."""
_Function = (ast.FunctionDef, ast.AsyncFunctionDef)
_IN_BRACKETS = (cst.Index, cst.Slice)
_WHOLE_LINE = (cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Return, cst.Element)


class Unfixable(Exception):
    """The source has a form that an edit would spoil, such as a comment that it would lose."""


@dataclass(frozen=True, eq=False)
class Concrete:
    """One definition as concrete syntax. `offset` is added to libcst's lines for lines of the file."""

    module: cst.Module
    ranges: Mapping[cst.CSTNode, CodeRange]
    parents: Mapping[cst.CSTNode, cst.CSTNode]
    offset: int


class Source:
    """One file, with the concrete syntax of its definitions, each parsed when it is first asked for."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._parsed: dict[ast.stmt, Concrete | None] = {}

    def site(self, span: Span) -> Site | None:
        """The site of a finding; None where it stands in no statement, or in one that libcst cannot parse."""
        around = [
            node
            for node in (*self.module.tree.body, *self._functions)
            if node.lineno <= span.line and span.end_line <= node.end_lineno
        ]
        if not around:
            return None
        if around[-1] not in self._parsed:
            self._parsed[around[-1]] = self._parse(around[-1])
        concrete = self._parsed[around[-1]]
        return Site(self.module, span, around[-1], concrete) if concrete else None

    @cached_property
    def _functions(self) -> list[Definition]:
        """The functions of the file; an inner one stands after the one around it."""
        found = [node for node in ast.walk(self.module.tree) if isinstance(node, _Function)]
        return sorted(found, key=lambda node: node.lineno)

    def _parse(self, function: ast.stmt) -> Concrete | None:
        if _depth(function) > DEEPEST:
            return None
        first = min([function.lineno, *(decorator.lineno for decorator in getattr(function, "decorator_list", ()))])
        # A block around the definition spares taking its indentation away: columns stay those of the file.
        text = "\n".join(["if 1:" if function.col_offset else "", *self.module.lines[first - 1 : function.end_lineno]])
        try:
            wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        except cst.ParserSyntaxError:
            return None  # syntax newer than the installed libcst
        known = wrapper.resolve_many([PositionProvider, ParentNodeProvider])
        return Concrete(wrapper.module, known[PositionProvider], known[ParentNodeProvider], first - 2)


@dataclass(frozen=True, eq=False)
class Site:
    """The source around a finding: `function` is the innermost one that `span` stands in, else a whole statement."""

    module: Module
    span: Span
    function: Definition
    concrete: Concrete

    def at(self, kind: type[Kind]) -> Kind | None:
        """The node of a kind that stands exactly at the span; None within an f-string, for its quotes."""
        return next((node for node in self._standing(kind) if self.range(node) == self.span), None)

    def starting(self, kind: type[Kind]) -> Kind | None:
        """The outermost node of a kind that starts where the span does."""
        start = (self.span.line, self.span.column)
        found = [node for node in self._standing(kind) if (self.range(node).line, self.range(node).column) == start]
        return max(found, key=lambda node: (self.range(node).end_line, self.range(node).end_column), default=None)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        """The node around a node."""
        return self.concrete.parents[node]

    def around(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around a node, the nearest first."""
        while node in self.concrete.parents:
            node = self.concrete.parents[node]
            yield node

    def code(self, node: cst.CSTNode) -> str:
        """The source of a node as it stands in the file, with its own parentheses and comments."""
        return self.text(self._outer(node))

    def between(self, left: cst.CSTNode, right: cst.CSTNode) -> str:
        """The source that stands between two nodes."""
        start, end = self._outer(left), self._outer(right)
        return self.text(Span(start.path, start.end_line, start.end_column, end.line, end.column))

    def bare_code(self, node: cst.CSTNode) -> str:
        """The source of a node without the parentheses around it."""
        return self.text(self.range(node))

    def text(self, span: Span) -> str:
        """The source within a span, with newlines as line ends."""
        lines = self.module.lines[span.line - 1 : span.end_line]
        lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return "\n".join(lines)

    def expression(self, node: cst.BaseExpression) -> ast.expr:
        """The abstract syntax of an expression, where only its meaning is asked for."""
        return ast.parse(f"(\n{self.code(node)}\n)", mode="eval").body

    def range(self, node: cst.CSTNode) -> Span:
        """Where a node stands, without the parentheses around it."""
        found = self.concrete.ranges[node]
        return Span(
            self.span.path,
            found.start.line + self.concrete.offset,
            found.start.column + 1,
            found.end.line + self.concrete.offset,
            found.end.column + 1,
        )

    def replaced(self, first: cst.CSTNode, text: str, last: cst.CSTNode | None = None) -> Edit:
        """The edit that puts `text` in the place of a node, or of all from `first` to `last`.

        Raises Unfixable when a comment would be lost.
        """
        span = self.stretch(first, last or first)
        if any(comment not in text for comment in self.comments(span)):
            raise Unfixable(f"{span.path}:{span.line}: a comment stands inside")
        return Edit(span, text)

    def stretch(self, first: cst.CSTNode, last: cst.CSTNode) -> Span:
        """All from the start of a node to the end of another."""
        start, end = self.range(first), self.range(last)
        return Span(start.path, start.line, start.column, end.end_line, end.end_column)

    def comments(self, span: Span) -> list[str]:
        """The comments within a span, in order."""
        found = [node for node in self.concrete.ranges if isinstance(node, cst.Comment)]
        ranges = sorted((self.range(node), node.value) for node in found)
        return [value for place, value in ranges if _within(place, span)]

    def indentation(self, node: cst.CSTNode) -> str:
        """The white space before a statement. Raises Unfixable for one that does not begin its line."""
        place = self.range(node)
        before = self.module.lines[place.line - 1][: place.column - 1]
        if before.strip():
            raise Unfixable(f"{place.path}:{place.line}: the statement does not begin its line")
        return before

    def needs_parentheses(self, node: cst.CSTNode, text: str) -> bool:
        """Whether an operation in the place of an expression would be taken apart by what stands around it."""
        parent = self.parent(node)
        bracketed = isinstance(parent, _IN_BRACKETS) or (isinstance(parent, cst.Arg) and not parent.star)
        alone = isinstance(parent, _WHOLE_LINE) and "\n" not in text
        return not bracketed and not alone and not getattr(node, "lpar", ())

    def _outer(self, node: cst.CSTNode) -> Span:
        """Where a node stands, with the parentheses around it."""
        first, last = (*getattr(node, "lpar", ()), node)[0], (node, *getattr(node, "rpar", ()))[-1]
        return self.stretch(first, last)

    def _standing(self, kind: type[Kind]) -> Iterator[Kind]:
        for node in self.concrete.ranges:
            if isinstance(node, kind) and not any(isinstance(o, cst.FormattedString) for o in self.around(node)):
                yield node


def _within(inner: Span, outer: Span) -> bool:
    starts = (outer.line, outer.column) <= (inner.line, inner.column)
    return starts and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def _depth(tree: ast.AST) -> int:
    """Levels of a syntax tree; counted without recursion, since that is what it guards against."""
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        waiting += [(child, level + 1) for child in ast.iter_child_nodes(node)]
    return deepest

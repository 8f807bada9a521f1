"""The syntax around a finding: what stands at its span, in what, and edits of it that lose no comment."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import libcst as cst

from exportlint.finding import Edit, Span
from exportlint.fix.source import Concrete, Definition, Source, Unfixable
from exportlint.source.module import Module

Kind = TypeVar("Kind", bound=cst.CSTNode)
Abstract = TypeVar("Abstract", bound=ast.AST)
_ABSTRACT: dict[type[cst.CSTNode], type[ast.AST]] = {
    cst.Attribute: ast.Attribute,
    cst.BaseExpression: ast.expr,
    cst.Call: ast.Call,
    cst.Dict: ast.Dict,
    cst.Name: ast.expr,  # True and None are constants
}
_IN_BRACKETS = (cst.Index, cst.Slice)
_WHOLE_LINE = (cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Return, cst.Element)


@dataclass(frozen=True, eq=False)
class Site:
    """The source around a finding: `function` is the innermost one that `span` stands in, else a whole statement.

    All that asks for concrete syntax raises Unfixable where libcst cannot parse it.
    """

    source: Source
    span: Span
    function: Definition

    @classmethod
    def of(cls, source: Source, span: Span) -> Site | None:
        """The site of a finding; None where it stands in no statement."""
        function = source.around(span)
        return cls(source, span, function) if function is not None else None

    @property
    def module(self) -> Module:
        """The file."""
        return self.source.module

    @property
    def concrete(self) -> Concrete:
        """The function as concrete syntax."""
        return self.source.concrete(self.function)

    def syntax(self, kind: type[Abstract]) -> Abstract | None:
        """The abstract node of a kind that stands exactly at the span."""
        return next((node for node in self.source.standing(self.function, self.span) if isinstance(node, kind)), None)

    def whole(self, node: ast.AST) -> ast.AST | None:
        """What an abstract node is a part of; None for the definition itself."""
        return self.source.placed(self.function).of.get(node)

    def at(self, kind: type[Kind]) -> Kind | None:
        """The node of a kind that stands exactly at the span; None within an f-string, for its quotes."""
        if self.syntax(_ABSTRACT[kind]) is None:
            return None
        return next((node for node in self._starting(kind) if self.range(node) == self.span), None)

    def starting(self, kind: type[Kind]) -> Kind | None:
        """The outermost node of a kind that starts where the span does."""
        found = self._starting(kind)
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

    def closing(self, node: cst.CSTNode) -> str:
        """The parentheses that close behind a node, with what stands before them."""
        end, outer = self.range(node), self._outer(node)
        return self.text(Span(end.path, end.end_line, end.end_column, outer.end_line, outer.end_column))

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
        ranges = sorted((self.range(node), node.value) for node in self.concrete.comments)
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

    def _starting(self, kind: type[Kind]) -> list[Kind]:
        """Nodes of a kind that start where the span does, those in f-strings left out."""
        found = self.concrete.starting.get((self.span.line - self.concrete.offset, self.span.column - 1), ())
        return [
            node
            for node in found
            if isinstance(node, kind) and not any(isinstance(o, cst.FormattedString) for o in self.around(node))
        ]


def _within(inner: Span, outer: Span) -> bool:
    starts = (outer.line, outer.column) <= (inner.line, inner.column)
    return starts and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)

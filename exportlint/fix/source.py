"""The syntax of one file as fixers need it: what stands where, and the concrete syntax of each definition.

Only the definition around a finding is parsed with libcst, which is ten times slower than `ast`, and only once a fixer
asks for it: whether there is anything to repair mostly shows in the tree that the check has parsed already.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from exportlint.finding import Span
from exportlint.source.module import Module

DEEPEST = 150
"""Levels of a definition's syntax beyond which it is left alone: libcst 1.9 overflows the stack on deep nesting."""
LONGEST = 3_000
"""Lines of a definition beyond which it is left alone: what is generated is repaired where it is generated."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef
"""What a site stands in; in a script, any statement at the top level of the file."""


class Unfixable(Exception):
    """The source has a form that an edit would spoil, such as a comment that it would lose."""


@dataclass(frozen=True, eq=False)
class Concrete:
    """One definition as concrete syntax. `offset` is added to libcst's lines for lines of the file."""

    module: cst.Module
    ranges: Mapping[cst.CSTNode, CodeRange]
    parents: Mapping[cst.CSTNode, cst.CSTNode]
    offset: int

    @cached_property
    def starting(self) -> dict[tuple[int, int], list[cst.CSTNode]]:
        """The nodes by the line and column, from 0, at which they start."""
        found: dict[tuple[int, int], list[cst.CSTNode]] = {}
        for node, place in self.ranges.items():
            found.setdefault((place.start.line, place.start.column), []).append(node)
        return found

    @cached_property
    def comments(self) -> list[cst.Comment]:
        """All comments."""
        return [node for node in self.ranges if isinstance(node, cst.Comment)]


class Placed:
    """The abstract nodes of a definition: `at` a place (line, column, last line, end), and what each is a part `of`."""

    def __init__(self, definition: ast.stmt) -> None:
        self.at: dict[tuple[int, ...], list[ast.AST]] = {}
        self.of: dict[ast.AST, ast.AST] = {}
        nodes: list[ast.AST] = [definition]
        for node in nodes:  # grows as it goes
            parts = list(ast.iter_child_nodes(node))
            self.of.update(dict.fromkeys(parts, node))
            nodes += parts
            if hasattr(node, "end_col_offset"):
                place = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
                self.at.setdefault(place, []).append(node)


class Source:
    """One file, with the concrete syntax of its definitions, each parsed when it is first asked for."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._parsed: dict[ast.stmt, Concrete | None] = {}
        self._placed: dict[ast.stmt, Placed] = {}

    def around(self, span: Span) -> Definition | None:
        """The innermost function that a span stands in, else the statement; None for none, and for one too long."""
        found: ast.stmt | None = None
        block: Sequence[ast.stmt] = self.module.tree.body
        while around := [node for node in block if node.lineno <= span.line and span.end_line <= node.end_lineno]:
            if found is None or isinstance(around[-1], Definition):
                found = around[-1]
            block = _statements(around[-1])
        return found if found and found.end_lineno - found.lineno < LONGEST else None

    def concrete(self, definition: ast.stmt) -> Concrete:
        """The concrete syntax of a definition. Raises Unfixable for one that libcst cannot parse."""
        if definition not in self._parsed:
            self._parsed[definition] = self._parse(definition)
        found = self._parsed[definition]
        if found is None:
            raise Unfixable(f"{self.module.path}:{definition.lineno}: libcst does not parse it")
        return found

    def placed(self, definition: ast.stmt) -> Placed:
        """The abstract nodes of a definition by where they stand."""
        if definition not in self._placed:
            self._placed[definition] = Placed(definition)
        return self._placed[definition]

    def standing(self, definition: ast.stmt, span: Span) -> list[ast.AST]:
        """The abstract nodes in a definition that stand exactly at a span."""
        start, end = self._bytes(span.line, span.column), self._bytes(span.end_line, span.end_column)
        return self.placed(definition).at.get((span.line, start, span.end_line, end), [])

    def _bytes(self, line: int, column: int) -> int:
        """A column as `ast` counts it, from one that counts characters from 1."""
        return len(self.module.lines[line - 1][: column - 1].encode())

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
        return Concrete(wrapper.module, wrapper.resolve(PositionProvider), _parents(wrapper.module), first - 2)


def _parents(module: cst.Module) -> dict[cst.CSTNode, cst.CSTNode]:
    """What each node is a part of; libcst's own provider takes longer than its parser."""
    found: dict[cst.CSTNode, cst.CSTNode] = {}
    waiting: list[cst.CSTNode] = [module]
    while waiting:
        node = waiting.pop()
        for name in type(node).__dataclass_fields__:
            value = getattr(node, name)
            parts = value if isinstance(value, list | tuple) else (value,)
            children = [part for part in parts if isinstance(part, cst.CSTNode)]
            found.update((child, node) for child in children)
            waiting += children
    return found


def _statements(node: ast.stmt) -> list[ast.stmt]:
    """The statements of the blocks of a statement."""
    parts = (node, *getattr(node, "handlers", ()), *getattr(node, "cases", ()))
    blocks = (getattr(part, name, ()) for part in parts for name in ("body", "orelse", "finalbody"))
    return [statement for block in blocks for statement in block]


def _depth(tree: ast.AST) -> int:
    """Levels of a syntax tree; counted without recursion, since that is what it guards against."""
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        waiting += [(child, level + 1) for child in ast.iter_child_nodes(node)]
    return deepest

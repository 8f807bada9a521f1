"""Where tensors and sizes become Python numbers: int(), float(), bool(), len(), .item() and functions of math."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow import ragged, reporting
from exportlint.flow.arguments import Arguments
from exportlint.flow.arithmetic import dimension
from exportlint.flow.collect import place
from exportlint.flow.joins import join_all
from exportlint.flow.only_checks import only_checks
from exportlint.flow.values import (
    NONE,
    UNKNOWN,
    Array,
    Const,
    Dim,
    Guard,
    Number,
    Seq,
    Static,
    Tensor,
    Value,
    const,
    options,
)
from exportlint.source.remembered import below, once_a_node

if TYPE_CHECKING:
    from exportlint.flow.events import Place
    from exportlint.flow.frame import Frame


def source_of(frame: Frame, node: ast.AST) -> str:
    """The text of a call's first argument, for messages."""
    arguments = getattr(node, "args", None)
    return frame.module.source(arguments[0]) if isinstance(arguments, list) and arguments else frame.module.source(node)


def to_number(frame: Frame, node: ast.AST, value: Value, kind: str, form: str | None = None) -> Value:
    """`int(value)`, `float(value)`, `bool(value)`, or a function of math that does the same to its argument."""
    text = source_of(frame, node)
    if isinstance(value, Tensor):
        return taken(frame, node, value, form or kind, text, kind)
    if isinstance(value, Number):
        reporting.use(frame, value, form or kind, node)
        if form is not None:
            reporting.conversion(frame, node, value, form, text)
        return Number(kind, value.depends, value.sure, value.origin, value.how)
    if isinstance(value, Dim):
        reporting.dimension(frame, node, value, form or kind, text)
        return dimension([value])
    if isinstance(value, Guard) and kind == "bool":
        return value
    if isinstance(value, Array):
        return Number(kind, value.depends, value.sure, None, "numpy")
    if isinstance(value, Const) and type(value.value) in (int, float) and form is None and abs(value.value) < 1e15:
        return Const(kind, {"int": int, "float": float, "bool": bool}.get(kind, float)(value.value), value.fixed)
    return Static(kind)


def _place(frame: Frame, node: ast.AST) -> Place:
    return place(frame.module, node, f"`{frame.module.source(node, 40)}` takes it out of a tensor")


def taken(frame: Frame, node: ast.AST, tensor: Tensor, how: str, text: str, kind: str | None = None) -> Value:
    """A Python number (of type `kind`, else by the tensor's dtype) taken out of a tensor here.

    In a constructor that is configuration: it ran before any export.
    """
    kind = kind or _python_type(tensor.dtype or "")
    if frame.quiet:
        return Static(kind)
    reporting.conversion(frame, node, tensor, how, text)
    return Number(kind, tensor.depends, tensor.sure, _place(frame, node), how)


def _python_type(dtype: str) -> str:
    return "bool" if dtype == "bool" else "int" if dtype.startswith(("int", "uint")) else "float"


@once_a_node
def _tested(function: ast.AST) -> frozenset[int]:
    """The parts of what an `if` or `assert` of the function tests."""
    tests = [node.test for node in below(function) if isinstance(node, ast.If | ast.Assert | ast.IfExp)]
    return frozenset(id(part) for test in tests for part in (test, *below(test)))


@once_a_node
def _checked(function: ast.AST) -> frozenset[int]:
    """The parts of checks, which compute nothing: below what an `assert` tests, or an `if` that only raises."""
    nodes = below(function)
    tests = [node.test for node in nodes if isinstance(node, ast.If) and only_checks(node.body, node.orelse)]
    tests += [node.test for node in nodes if isinstance(node, ast.Assert)]
    return frozenset(id(part) for test in tests for part in below(test))


def length(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    """`len(value)`: of a tensor, the size of its first axis, which a tracer sees as a number."""
    results: list[Value] = []
    kinds = options(given.get("obj", 0) or UNKNOWN)
    doubtful = any(not isinstance(kind, Tensor) and kind != NONE for kind in kinds)
    for value in kinds:
        if isinstance(value, Tensor):
            first = (
                value.shape[0]
                if value.shape
                else Dim(((value.source, 0),) if value.source else (), False, ragged.has(value.ragged, 0))
            )
            if reporting.is_evident(value) and not doubtful and id(node) not in _checked(frame.function.node):
                reporting.conversion(frame, node, value, "len", source_of(frame, node), first)
            results.append(first)
        elif isinstance(value, Seq) and value.items is not None:
            results.append(const(len(value.items)))
        else:
            if isinstance(value, Seq) and value.source is not None and id(node) not in _tested(frame.function.node):
                reporting.list_loop(frame, node, "len")
            results.append(Static("int"))
    return join_all(results)

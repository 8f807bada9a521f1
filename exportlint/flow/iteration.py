"""What a loop draws from a value, and the loops that depend on tensors or on their sizes."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from exportlint.flow import ragged, reporting
from exportlint.flow.joins import join_all, member
from exportlint.flow.values import NONE, UNKNOWN, Array, Map, Number, Seq, Shape, Static, Tensor, Value, const, options

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame


def elements(frame: Frame, node: ast.expr, value: Value, form: str | None) -> Value:
    """The kind of the elements that iterating `value` gives; loops over tensors and sizes are reported, with a form."""
    kinds = options(value)
    alone = sum(kind != NONE for kind in kinds) == 1
    return join_all([_elements(frame, node, kind, form if alone else None) for kind in kinds])


def _elements(frame: Frame, node: ast.expr, value: Value, form: str | None) -> Value:
    """`form` is None where the value may just as well be a list, so that nothing is reported."""
    if isinstance(value, Tensor):
        if form is not None and not _is_transposed(node):
            reporting.tensor_loop(frame, node, value, form)
        return element_of(value)
    if isinstance(value, Seq):
        if value.type == "range":
            for bound in options(value.element) if form is not None else ():
                reporting.counted_loop(frame, node, bound, form)
            return Static("int") if not isinstance(value.element, Number) else value.element
        if value.source is not None and form in ("for", "comprehension"):
            reporting.list_loop(frame, node, form)
        return member(value)
    if isinstance(value, Map):
        keys = [const(key) if isinstance(key, str | int) else UNKNOWN for key, _ in value.items]
        return member(value) if value.type == "ModuleDict" and not keys else join_all([*keys, Static("str")])
    if isinstance(value, Shape):
        return value.axis(None)
    if isinstance(value, Array | Number):
        return Number("float", value.depends, value.sure)
    return UNKNOWN


def _is_transposed(node: ast.expr) -> bool:
    """Whether it is the columns that are drawn (`x, y = points.T`): there are as many of them in every call."""
    if isinstance(node, ast.Attribute):
        return node.attr == "T"
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    axes = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    return node.func.attr == "t" or (node.func.attr == "transpose" and sorted(map(str, axes)) == ["0", "1"])


def element_of(tensor: Tensor) -> Tensor:
    """One row of a tensor."""
    rest = tensor.shape[1:] if tensor.shape else None
    return replace(tensor, shape=rest, source=None, ragged=ragged.onward(tensor.ragged, 1))

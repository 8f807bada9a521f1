"""What a loop draws from a value, and the loops that depend on tensors or on their sizes."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from exportlint.flow.events import Iteration
from exportlint.flow.values import (
    GUESS,
    UNKNOWN,
    Array,
    Dim,
    Map,
    Number,
    Seq,
    Shape,
    Static,
    Tensor,
    Value,
    const,
    join_all,
    options,
)

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame


def elements(frame: Frame, node: ast.expr, value: Value, form: str, counter: ast.expr | None = None) -> Value:
    """The kind of the elements that iterating `value` gives; loops over tensors and sizes are reported."""
    return join_all([_elements(frame, node, option, form) for option in options(value)])


def _elements(frame: Frame, node: ast.expr, value: Value, form: str) -> Value:
    if isinstance(value, Tensor):
        if value.sure > GUESS:
            frame.iterates(node, value, form, node)
        return replace(value, shape=value.shape[1:] if value.shape else None, source=None)
    if isinstance(value, Seq):
        if value.type == "range":
            _counted(frame, node, value.element, form)
            return Static("int") if not isinstance(value.element, Number) else value.element
        return value.member()
    if isinstance(value, Map):
        keys = [const(key) if isinstance(key, str | int) else UNKNOWN for key, _ in value.items]
        return value.member() if value.type == "ModuleDict" and not keys else join_all([*keys, Static("str")])
    if isinstance(value, Shape):
        return value.axis(None)
    if isinstance(value, Array | Number):
        return Number("float", value.depends, value.sure)
    return UNKNOWN


def _counted(frame: Frame, node: ast.expr, bound: Value, form: str) -> None:
    """`range` over a size or over a number taken out of a tensor."""
    for option in options(bound):
        if isinstance(option, Number):
            frame.use(option, "range", node)
            _report(frame, node, form, "number", option.sure, option.depends, None, option.origin)
        elif isinstance(option, Dim) and not frame.interpreter.sizes_fixed:
            subject = "number" if option.ragged else "dimension"
            _report(frame, node, form, subject, 2 if option.declared else 1, "input", option.axes[0] if option.axes else None, None)


def _report(frame: Frame, node, form, subject, sure, depends, axis, origin) -> None:
    text = frame.module.source(node)
    frame.emit(Iteration, node, sure, form=form, subject=subject, depends=depends, text=text, axis=axis, origin=origin)

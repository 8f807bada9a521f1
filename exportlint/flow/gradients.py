"""Gradients that the forward path itself takes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.collect import entry
from exportlint.flow.values import CERTAIN
from exportlint.flow.whole_events import GradientCall
from exportlint.source.remembered import below

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_TAKES = ("torch.autograd.grad", "torch.autograd.backward", "torch.Tensor.backward")


def report(frame: Frame, node: ast.AST, name: str, sure: int = CERTAIN) -> None:
    """Report a call that runs backward through what forward did; behind an early return it is less than certain."""
    if name in _TAKES:
        always = not any(isinstance(one, ast.Return) and one.lineno < node.lineno for one in below(frame.function.node))
        frame.emit(GradientCall, node, sure, always, function=name, entry=entry(frame.function))

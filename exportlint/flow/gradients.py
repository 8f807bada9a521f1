"""Gradients that the forward path itself takes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.collect import place
from exportlint.flow.values import CERTAIN
from exportlint.flow.whole_events import GradientCall

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_TAKES = ("torch.autograd.grad", "torch.autograd.backward", "torch.Tensor.backward")


def report(frame: Frame, node: ast.AST, name: str, sure: int = CERTAIN) -> None:
    """Report a call that runs backward through what forward did."""
    if name in _TAKES:
        entry = place(frame.module, frame.function.node, "exporters name this function")
        frame.emit(GradientCall, node, sure, function=name, entry=entry)

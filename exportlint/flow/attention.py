"""torch.nn.MultiheadAttention over sequences whose length may change."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.arguments import Arguments
from exportlint.flow.collect import entry
from exportlint.flow.values import CERTAIN, Const, Dim, Layer, Tensor
from exportlint.flow.whole_events import AttentionCall

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame


def report(frame: Frame, node: ast.AST, layer: Layer, given: Arguments) -> None:
    """Report a query whose length is declared dynamic."""
    query, first = given.get("query", 0), dict(layer.arguments).get("batch_first")
    if layer.name != "torch.nn.MultiheadAttention" or not isinstance(query, Tensor) or len(query.shape or ()) != 3:
        return
    if first is not None and not isinstance(first, Const):
        return
    size = query.shape[1 if first is not None and first.value else 0] if query.shape else None
    if isinstance(size, Dim) and size.declared:
        for source, axis in size.axes[:1]:
            frame.emit(AttentionCall, node, CERTAIN, source=source, axis=axis, entry=entry(frame.function))

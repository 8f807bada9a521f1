"""`x.data`: the tensor behind the back of autograd, and of the exporters."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.events import DataAccess
from exportlint.flow.values import Tensor, Value, options

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_NO_VALUES = frozenset("shape dtype device layout ndim size dim numel nelement type is_cuda new".split())


def looked_through(node: ast.Attribute) -> ast.expr:
    """What an attribute is read from: of `x.data.shape` it is x, since sizes are the same behind `.data`."""
    inner = node.value
    return (
        inner.value if isinstance(inner, ast.Attribute) and inner.attr == "data" and node.attr in _NO_VALUES else inner
    )


def report(frame: Frame, node: ast.Attribute, value: Value) -> None:
    """Report `value.data` where it surely is that of a tensor."""
    kinds = options(value)
    if node.attr == "data" and all(isinstance(kind, Tensor) for kind in kinds):
        assigned, text = isinstance(node.ctx, ast.Store), frame.module.source(node)
        for kind in kinds:
            frame.emit(DataAccess, node, kind.sure, depends=kind.depends, assigned=assigned, text=text)

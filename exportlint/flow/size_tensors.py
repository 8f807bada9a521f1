"""Sizes that Python turns into something else: tensors made of them, lists as long as they are."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow import reporting
from exportlint.flow.arithmetic import dimension
from exportlint.flow.joins import member
from exportlint.flow.values import Dim, Seq, Shape, Value, options

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_LEGACY = frozenset(
    f"torch.{kind}Tensor" for kind in ("", "Float", "Double", "Half", "Long", "Int", "Short", "Byte", "Bool")
)


def made(frame: Frame, node: ast.AST, function: str, value: Value) -> None:
    """Report a tensor made of sizes: torch.tensor([n]), torch.as_tensor(x.shape), x.new_tensor(n).

    The form says whether there is one size or a list of them, since exporters tell them apart; torch.tensor(n) is none.
    """
    for kind in options(value):
        sizes = [size for size in _sizes(kind) if size.declared or not size.ragged]  # which axis is ragged is a guess
        if not sizes or (isinstance(kind, Dim) and function in ("torch.tensor", *_LEGACY)):
            continue
        is_range = isinstance(kind, Seq) and kind.type == "range"
        form = "range" if is_range else f"{function}({'n' if isinstance(kind, Dim) else '[n]'})"
        form = "torch.LongTensor([n])" if function in _LEGACY else form
        reporting.dimension(frame, node, dimension(sizes), form, frame.module.source(node))
        return


def is_legacy(function: str) -> bool:
    """Whether a name is one of the constructors from before torch.tensor."""
    return function in _LEGACY


def repeated(frame: Frame, node: ast.AST, name: str, left: Value, right: Value) -> None:
    """Report `[x] * n`: a list as long as a size."""
    for items, count in ((left, right), (right, left)):
        if name == "mul" and isinstance(items, Seq) and items.type in ("list", "tuple") and isinstance(count, Dim):
            reporting.dimension(frame, node, count, "list * n", frame.module.source(node))


def _sizes(value: Value) -> list[Dim]:
    if isinstance(value, Dim):
        return [value]
    if isinstance(value, Shape):
        return [value.axis(None)]
    if isinstance(value, Seq):
        held = value.items if value.items is not None else (member(value),)
        return [size for item in held for kind in options(item) for size in _sizes(kind)]
    return []

"""Views: tensors that share the memory of a variable, and writes that change the one through the other.

Measured with torch 2.13 in tests/fixtures/write_through_view.py, for each of the operations named here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from exportlint.flow import reporting
from exportlint.flow.collect import place
from exportlint.flow.events import Place, ViewWrite
from exportlint.flow.values import Api, Method, Seq, Tensor, Value
from exportlint.source.remembered import below

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_PARTS = frozenset(
    "view view_as unsqueeze squeeze select narrow split chunk tensor_split unbind permute transpose swapaxes swapdims "
    "movedim moveaxis t diagonal unflatten unfold detach".split()
)
_PERHAPS = frozenset("reshape flatten ravel".split())  # copies where the memory is not in order, as after a transpose
_ATTRIBUTES = ("T", "mT")


def of_call(node: ast.Call, function: Value, first: Value | None, result: Value) -> Value:
    """The result of a call, knowing the variable whose memory it shares; `first` is the first argument."""
    if isinstance(function, Method) and isinstance(function.receiver, Tensor) and isinstance(node.func, ast.Attribute):
        short, whole, held = function.name, node.func.value, function.receiver
    elif isinstance(function, Api) and function.name.startswith("torch.") and node.args and isinstance(first, Tensor):
        short, whole, held = function.name.rpartition(".")[2], node.args[0], first
    else:
        return result
    shares = short in _PARTS or (short in _PERHAPS and held.view is None)
    return _sharing(result, variable(whole, held)) if shares else result


def of_attribute(node: ast.Attribute, value: Value, result: Value) -> Value:
    """`x.T`, knowing the variable whose memory it shares."""
    shares = node.attr in _ATTRIBUTES and isinstance(value, Tensor)
    return _sharing(result, variable(node.value, value)) if shares else result


def variable(node: ast.expr, tensor: Tensor) -> str | None:
    """The variable whose memory a part of this tensor shares."""
    return tensor.view or (node.id if isinstance(node, ast.Name) else None)


def _sharing(result: Value, name: str | None) -> Value:
    if isinstance(result, Tensor):
        return replace(result, view=name)
    if isinstance(result, Seq):
        items = None if result.items is None else tuple(_sharing(item, name) for item in result.items)
        return replace(result, items=items, element=_sharing(result.element, name))
    return result


def left(result: Value) -> Value:
    """What a call returns: the caller has no such variable."""
    return _sharing(result, None) if isinstance(result, Tensor | Seq) else result


def written(frame: Frame, node: ast.AST, holder: ast.expr, tensor: Tensor) -> None:
    """A write that another variable sees in PyTorch, and that variable is read afterwards.

    Indexed in one step (`cache[0].add_(1)`) the exporters see the whole.
    """
    own = holder.id if isinstance(holder, ast.Name) else None
    if own is None and isinstance(_indexed(holder), ast.Name):
        return
    parts = [name for name, kind in frame.env.items() if isinstance(kind, Tensor) and own and kind.view == own]
    others = [name for name in (tensor.view, *parts) if name not in (None, own)]
    if any(reporting.is_read_after(frame, node, name) for name in others):
        taken = tuple(_taken(frame, node, {own, *parts}))
        frame.emit(ViewWrite, node, tensor.sure, text=frame.module.source(node), taken=taken)


def _indexed(holder: ast.expr) -> ast.expr:
    """`cache` of `cache[0][..., :n]`."""
    return _indexed(holder.value) if isinstance(holder, ast.Subscript) else holder


def _taken(frame: Frame, write: ast.AST, names: set[str | None]) -> Iterator[Place]:
    """The assignments above a write that gave the views among some variables their values."""
    for statement in below(frame.function.node):
        if isinstance(statement, ast.Assign) and statement.lineno < write.lineno:
            bound = {part.id for target in statement.targets for part in ast.walk(target) if isinstance(part, ast.Name)}
            if bound & names:
                yield place(frame.module, statement, "the view is taken here")

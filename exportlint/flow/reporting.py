"""Turns what the interpreter meets into events: one function for each kind of thing met."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from exportlint.finding import Span
from exportlint.flow import fixed_turns, lists_as_tensors, own_state, ragged, views
from exportlint.flow.collect import place
from exportlint.flow.events import (
    AutogradCall,
    Conversion,
    Decision,
    DimensionUse,
    Iteration,
    OperatorCall,
    StateWrite,
    WrapperCall,
)
from exportlint.flow.objects import dotted
from exportlint.flow.values import CERTAIN, GUESS, LIKELY, Class, Dim, Function, Number, Tensor, Value
from exportlint.source.remembered import below

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_NOT_SERVED_IN_LISTS = re.compile(  # filled by a backbone, or handed to a loss only, which is not exported
    r"feat|hidden|state|stage|level|layer|map|mask|bias|output|embed|skip|block|pyramid|label|target", re.I
)


def dynamic(frame: Frame, size: Value | None) -> str:
    """Whether a size changes from call to call: what the spec declares, "possible" where nothing says."""
    if isinstance(size, Dim) and (size.declared or size.ragged):
        return "declared"
    if frame.interpreter.sizes_fixed or (size is not None and not isinstance(size, Dim)):
        return "fixed"
    return "possible"


def dimension(frame: Frame, node: ast.expr, size: Dim, form: str, text: str, checks: bool = False) -> None:
    """Python looked at a size, or computed with it outside what exporters follow."""
    known = dynamic(frame, size)
    if known != "fixed":
        sure = CERTAIN if known == "declared" else GUESS
        about = {"form": form, "text": text, "axes": size.axes, "dynamic": known, "only_checks": checks}
        frame.emit(DimensionUse, node, sure, rounds=size.rounds, **about)


def decision(
    frame: Frame, node: ast.expr, value: Tensor | Number | Dim, form: str, checks: bool, alone: bool = True
) -> None:
    """Python decided on a tensor, on a number taken out of one, or on a size that depends on values.

    `alone`: the value can be of no other kind.
    """
    if isinstance(value, Number) and not (value.type == "bool" and form in ("and", "or", "not", "compare")):
        use(frame, value, "check" if checks else "branch", node)  # of `a and b`, what becomes of the bool tells
    frame.emit(
        Decision,
        node,
        CERTAIN if isinstance(value, Dim) else value.sure,
        alone,
        form=form,
        subject={Tensor: "tensor", Number: "number", Dim: "size"}[type(value)],
        depends="input" if isinstance(value, Dim) else value.depends,
        text=frame.module.source(node),
        only_checks=checks,
        origin=value.origin if isinstance(value, Number) else None,
    )


def conversion(
    frame: Frame, node: ast.AST, value: Tensor | Number, how: str, text: str, size: Value | None = None
) -> None:
    """A tensor became a Python value; `size` is what len() gives."""
    frame.emit(
        Conversion,
        node,
        value.sure,
        how=how,
        subject="tensor" if isinstance(value, Tensor) else "number",
        depends=value.depends,
        text=text,
        dynamic=dynamic(frame, size) if how == "len" else "fixed",
        uses=(),
    )


def is_evident(tensor: Tensor) -> bool:
    """Whether more than a parameter's name says that it is a tensor; lists of tensors are called the same."""
    return tensor.sure == CERTAIN or (tensor.sure == LIKELY and tensor.source is None)


def tensor_loop(frame: Frame, node: ast.AST, tensor: Tensor, form: str) -> None:
    """A loop over the first axis of a tensor."""
    if not is_evident(tensor) or lists_as_tensors.is_list(frame.function.node, node):
        return
    if node in fixed_turns.fixed(frame.function.node):
        return
    first = tensor.shape[0] if tensor.shape else Dim((), False, ragged.has(tensor.ragged, 0))
    axis = (tensor.source, 0) if tensor.source else None
    _loop(frame, node, form, "tensor", tensor.sure, tensor.depends, axis, dynamic(frame, first), None)


def is_served(name: str) -> bool:
    """Whether a list of tensors of that name may hold more or fewer, as far as its name says."""
    return not _NOT_SERVED_IN_LISTS.search(name)


def list_loop(frame: Frame, node: ast.AST, form: str) -> None:
    """A loop over a parameter that is a list of tensors, of which a model may get more or fewer, or its `len`."""
    names = {part.id for part in (node, *below(node)) if isinstance(part, ast.Name)}
    if is_served(frame.module.source(node)) and names.isdisjoint(fixed_turns.fixed_names(frame.function.node)):
        _loop(frame, node, form, "list", LIKELY, "input", None, "possible", None)


def counted_loop(frame: Frame, node: ast.expr, bound: Value, form: str) -> None:
    """`range` over a size or over a number taken out of a tensor."""
    if isinstance(bound, Number):
        use(frame, bound, "range", node)
        _loop(frame, node, form, "number", bound.sure, bound.depends, None, "declared", bound.origin)
    elif isinstance(bound, Tensor) and bound.sure > GUESS:
        _loop(frame, node, form, "number", bound.sure, bound.depends, None, "declared", None)
    elif isinstance(bound, Dim):
        subject = "number" if bound.ragged else "dimension"
        known = dynamic(frame, bound)
        axis = bound.axes[0] if bound.axes else None
        _loop(frame, node, form, subject, CERTAIN if known == "declared" else LIKELY, "input", axis, known, None)


def _loop(frame, node, form, subject, sure, depends, axis, known, origin) -> None:
    text = frame.module.source(node)
    frame.emit(
        Iteration,
        node,
        sure,
        form=form,
        subject=subject,
        depends=depends,
        text=text,
        axis=axis,
        dynamic=known,
        origin=origin,
    )


def use(frame: Frame, number: Number, how: str, node: ast.AST) -> None:
    """A number taken out of a tensor goes into something here."""
    if number.origin is not None and not frame.quiet:
        frame.interpreter.collector.use(number.origin, how, place(frame.module, node, how))


def item_assignment(frame: Frame, target: ast.Subscript, tensor: Tensor) -> None:
    """`tensor[key] = value`, which is a write through a view where the tensor is a part of another."""
    frame.emit(
        OperatorCall,
        target,
        tensor.sure,
        name="operator.setitem",
        arguments=(),
        given=("0", "1", "2"),
        dtype=tensor.dtype,
    )
    views.written(frame, target, target.value, tensor)
    if not own_state.written_before_read(frame, target):
        state_write(frame, target, target.value, tensor, "item")


def is_read_after(frame: Frame, node: ast.AST, name: str) -> bool:
    """Whether the function reads `name` ("x", "self.cache") below a node, before it gives it another value."""
    last = node.end_lineno or node.lineno
    later = [
        other
        for other in below(frame.function.node)
        if isinstance(other, ast.Name | ast.Attribute) and other.lineno > last and dotted(other) == name
    ]
    next_line = min((other.lineno for other in later), default=0)
    return any(other.lineno == next_line and isinstance(other.ctx, ast.Load) for other in later)


def is_plain_copy(frame: Frame, node: ast.AST, holder: ast.expr) -> bool:
    """An assignment to a part, reported as the subscript, or to what this call does not read again: both export."""
    return isinstance(holder, ast.Subscript) or not is_read_after(frame, node, dotted(holder))


def state_write(frame: Frame, node: ast.AST, holder: ast.expr, tensor: Tensor, form: str) -> None:
    """A buffer of the model is changed in place."""
    own = isinstance(holder, ast.Attribute) and isinstance(holder.value, ast.Name) and holder.value.id == "self"
    if own and tensor.depends != "state":
        own_state.changed(frame, node, holder, tensor)
    elif own:
        frame.emit(StateWrite, node, tensor.sure, name=f"self.{holder.attr}", form=form)


def autograd_call(frame: Frame, node: ast.AST, function: Class) -> None:
    """A torch.autograd.Function is applied."""
    frame.emit(AutogradCall, node, CERTAIN, name=function.defined.node.name)


def decorated_call(frame: Frame, node: ast.AST, function: Function) -> None:
    """A call of a function that stands under `@torch.compile`."""
    for decorator in getattr(function.node, "decorator_list", ()):
        name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if name == "torch.compile":
            wrapper_call(frame, node, function.module.span(decorator), "@torch.compile")


def wrapper_call(frame: Frame, node: ast.AST, span: Span, wrapper: str, asked: bool = False) -> None:
    """A call that goes through a wrapper put on at `span`; `asked`: only where an option asks for it."""
    called = place(frame.module, node, "called here")
    frame.emit(WrapperCall, span, GUESS if asked else CERTAIN, wrapper=wrapper, called=called)

"""State that a model keeps in plain attributes: counters, tensors that are no buffers, lists that grow.

It is state only where the model reads it back: an attribute that nothing in the same method or in forward reads, or
that one of them sets anew first, is silent.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeGuard

from exportlint.flow.events import StateWrite
from exportlint.flow.objects import says_none
from exportlint.flow.values import CERTAIN, Instance, Seq, Static, Tensor, Value, options
from exportlint.source.remembered import below

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_OVERWRITES = ("copy_", "fill_", "zero_", "normal_", "uniform_", "resize_", "requires_grad_", "detach_")
_EMPTIES = ("clear", "pop", "popleft", "popitem")
DESCRIBES = ("device", "dtype", "shape", "ndim", "size", "dim")
_SPEAKS = frozenset("print debug info warning warning_once warn error log".split())


def augmented(frame: Frame, node: ast.AugAssign, value: Value) -> None:
    """Report `self.steps += 1` of a number; of a tensor it is an operation in place."""
    if isinstance(node.target, ast.Attribute) and all(isinstance(kind, Static) for kind in options(value)):
        _report(frame, node, node.target, "counted")


def replaced(frame: Frame, target: ast.Attribute, source: ast.expr) -> None:
    """Report `self.mean = self.mean * 0.9 + x`: a new value computed from the old one."""
    if frame.quiet or not _computes(source) or not reads(source, target):
        return
    held = frame.eval(ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target))
    if all(isinstance(kind, Tensor | Static) for kind in options(held)):
        is_buffer = _is_registered(frame, target)
        _report(frame, source, target, "replaced" if is_buffer else "counted")


def changed(frame: Frame, node: ast.stmt | ast.expr, target: ast.Attribute, tensor: Tensor) -> None:
    """Report an operation in place on a tensor that is no buffer: `self.total += x`, `self.total.add_(x)`."""
    method = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
    if tensor.depends == "constant" and not isinstance(node, ast.Subscript) and method not in _OVERWRITES:
        _report(frame, node, target, "in-place")


def written_before_read(frame: Frame, target: ast.Subscript) -> bool:
    """Whether `self.corners[0, 1] = x` leaves nothing to the next call, which writes the same place before it reads.

    So it is where the place is constant, the assignment stands in the body of the method itself, and nothing reads the
    attribute before it or in another method. All exporters keep up with that, measured in tests/fixtures.
    """
    receiver, held = frame.function.receiver, target.value
    if not is_own(held) or not _is_constant(target.slice) or not isinstance(receiver, Instance):
        return False
    body = getattr(frame.function.node, "body", ())
    if not any(isinstance(one, ast.Assign) and target in one.targets for one in body):
        return False
    stores = [node.value for node in below(frame.function.node) if _stores_at_constant(node)]
    loads = [node for node in below(frame.function.node) if _same(node, held) and not any(node is s for s in stores)]
    last = target.end_lineno or target.lineno
    if any(isinstance(one, ast.Assign) and target in one.targets and reads(one.value, held) for one in body):
        return False
    return all(node.lineno > last for node in loads) and not any(
        _same(node, held) for method in _other_methods(frame, receiver) for node in below(method)
    )


def _stores_at_constant(node: ast.AST) -> TypeGuard[ast.Subscript]:
    return isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and _is_constant(node.slice)


def _is_constant(index: ast.expr) -> bool:
    """An index that is the same in every call: numbers, slices of numbers, an ellipsis."""
    kinds = (ast.Constant, ast.Tuple, ast.Slice, ast.UnaryOp, ast.USub, ast.Load)
    return all(isinstance(part, kinds) for part in ast.walk(index))


def _other_methods(frame: Frame, receiver: Instance) -> Iterator[ast.FunctionDef]:
    for owner in frame.interpreter.classes.order(receiver.cls)[0]:
        for statement in owner.node.body:
            own = statement is frame.function.node or getattr(statement, "name", None) == "__init__"
            if isinstance(statement, ast.FunctionDef) and not own:
                yield statement


def _is_registered(frame: Frame, target: ast.Attribute) -> bool:
    receiver = frame.function.receiver
    owners = frame.interpreter.classes.order(receiver.cls)[0] if isinstance(receiver, Instance) else ()
    return any(_is_buffer(node, target) for owner in owners for node in below(owner.node))


def grown(frame: Frame, node: ast.Call) -> None:
    """Report `self.seen.append(x)` and `self.seen.extend(xs)` of a list."""
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr not in ("append", "extend") or frame.quiet:
        return
    held = func.value
    if is_own(held) and all(isinstance(k, Seq) and k.type == "list" for k in options(frame.eval(held))):
        _report(frame, node, held, "grown")


def _report(frame: Frame, node: ast.stmt | ast.expr, target: ast.Attribute, form: str) -> None:
    receiver = frame.function.receiver
    if frame.quiet or not is_own(target) or not isinstance(receiver, Instance):
        return
    if not frame.interpreter.classes.is_module(receiver.cls) or start(frame, receiver, target) in ("", "None"):
        return
    methods = [frame.function.node, *_forward(frame, receiver)]
    if any(_is_read(method, node, target) for method in methods) and not any(_is_set(m, target) for m in methods):
        frame.emit(StateWrite, node, CERTAIN, name=f"self.{target.attr}", form=form)


def _forward(frame: Frame, receiver: Instance) -> Iterator[ast.AST]:
    found = frame.interpreter.classes.find(receiver.cls, "forward")
    if found is not None and found[1] is not frame.function.node:
        yield found[1]


def start(frame: Frame, receiver: Instance, target: ast.Attribute) -> str:
    """What the attribute is before the first call: "buffer", "None", "value" (a number, a list, a tensor), or ""."""
    for owner in frame.interpreter.classes.order(receiver.cls)[0]:
        for statement in owner.node.body:
            if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
                for inner in below(statement):
                    if _is_buffer(inner, target):
                        return "buffer"
                    if isinstance(inner, ast.Assign) and any(_same(t, target) for t in inner.targets):
                        return "None" if says_none(inner.value) else "value"
    return ""


def _is_buffer(node: ast.AST, target: ast.Attribute) -> bool:
    name = node.args[0] if isinstance(node, ast.Call) and node.args else None
    called = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
    return called == "register_buffer" and isinstance(name, ast.Constant) and name.value == target.attr


def _computes(value: ast.expr) -> bool:
    """Arithmetic or a function of torch; another function may well give back what it got, or a longer table."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return isinstance(value.func.value, ast.Name) and value.func.value.id == "torch"
    return isinstance(value, ast.BinOp)


def is_own(node: ast.AST) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def _same(node: ast.AST, target: ast.Attribute) -> TypeGuard[ast.Attribute]:
    return is_own(node) and node.attr == target.attr


def reads(node: ast.AST, target: ast.Attribute) -> bool:
    """Whether an expression takes the attribute's value, and not only its device, dtype or sizes."""
    if isinstance(node, ast.Attribute) and node.attr in DESCRIBES:
        return False
    return _same(node, target) or any(reads(inner, target) for inner in ast.iter_child_nodes(node))


def _is_read(method: ast.AST, write: ast.AST, target: ast.Attribute) -> bool:
    """Whether a method reads the attribute apart from the write itself and from what it prints or raises."""
    left: list[ast.AST] = list(ast.iter_child_nodes(method))
    while left:
        node = left.pop()
        if node is write or isinstance(node, ast.Raise | ast.Assert) or _speaks(node):
            continue
        if _same(node, target) and isinstance(node.ctx, ast.Load):
            return True
        left += ast.iter_child_nodes(node)
    return False


def _speaks(node: ast.AST) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in _SPEAKS or name in ("append", "extend", "clear")


def _is_set(method: ast.AST, target: ast.Attribute) -> bool:
    """Whether a method gives the attribute a value that does not come from its old one, or empties it."""
    for node in below(method):
        if isinstance(node, ast.Assign):
            if not reads(node.value, target) and any(reads(t, target) for t in node.targets):
                return True
        elif isinstance(node, ast.Attribute) and _same(node.value, target) and node.attr in _EMPTIES:
            return True
    return False

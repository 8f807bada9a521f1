"""Calls into torch: functions, Tensor methods and layers; what they return, and the events they are."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from exportlint.flow import (
    conditions,
    distributions,
    dropouts,
    dtypes,
    gradients,
    guards,
    layers,
    named_arguments,
    reporting,
    shapes,
    size_tensors,
    training_only,
    views,
)
from exportlint.flow.arguments import Arguments
from exportlint.flow.conversions import source_of, taken
from exportlint.flow.events import OperatorCall
from exportlint.flow.joins import join_all, member, tensors_in
from exportlint.flow.returns import kind_of, value_of
from exportlint.flow.values import (
    CERTAIN,
    GUESS,
    LIKELY,
    NONE,
    UNKNOWN,
    Array,
    Const,
    DataType,
    Dim,
    Number,
    Seq,
    Shape,
    Static,
    Tensor,
    Value,
    most_dependent,
    options,
)
from exportlint.source.remembered import below

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_LIKE_ANOTHER = ("torch.Tensor.to", "torch.Tensor.type_as", "torch.Tensor.expand_as", "torch.Tensor.view_as")
_NO_WRITES = ("detach_", "requires_grad_")  # in place, but the values stay
_CONDS = ("torch.cond", "torch.ops.higher_order.cond", "torch._higher_order_ops.cond.cond")
_FAMILIAR = frozenset(  # methods that lists, dicts, strings and paths have too: calling one is no sign of a tensor
    "size split index count copy format view type to item get clear sort reverse pop add update values keys apply "
    "eval".split()
)
_MAKERS = frozenset(  # functions that make a tensor of sizes and numbers alone
    "zeros ones empty full rand randn randint randperm arange linspace logspace eye tril_indices triu_indices "
    "hann_window".split()
)
_SIZED = frozenset(  # of their numbers, some are sizes or places
    "arange zeros ones empty full rand randn randint view reshape expand repeat new_zeros new_ones new_full narrow "
    "split eye linspace interpolate pad resize unflatten".split()
)
_DRAWS_IN_PLACE = ("uniform_", "normal_", "random_", "bernoulli_", "exponential_", "geometric_", "cauchy_")
_PLUMBING = ("torch.jit.", "torch.compiler.", "torch.utils.", "torch.distributed.", "torch.cuda.", "torch.Size")
_PLAIN_WORDS = ("int", "static", "bool:static", "none", "dtype", "device", "layout", "unknown")


def function(frame: Frame, node: ast.AST, name: str, given: Arguments) -> Value:
    """The kind that a function, class or context manager of torch gives."""
    name = canonical(name)
    gradients.report(frame, node, name)
    if name.startswith("torch._check"):
        conditions.promised(frame, node)
        return NONE
    if name in guards.TRUE_FOR:
        return guards.answer(name, frame.live)
    if name.startswith("torch.nn.") and name.rpartition(".")[2][:1].isupper():
        return layers.make(name, given)
    if name in ("torch.tensor", "torch.as_tensor", "torch.asarray"):
        return _from_python(frame, node, name, given)
    if name in layers.PACKERS:
        return layers.PACKED
    if name in ("torch.from_numpy",):
        array = given.args[0] if given.args else UNKNOWN
        return Tensor(array.depends if isinstance(array, Array) else "constant", CERTAIN)
    if size_tensors.is_legacy(name) and given.args:
        size_tensors.made(frame, node, name, given.args[0])
    if name == "torch.is_tensor":
        return _is_tensor(given)
    if name in _CONDS and len(given.args) >= 3:
        return _cond(frame, node, given)
    if name == "torch.jit.annotate" and len(given.args) == 2:
        return given.args[1]
    if name in ("torch.nested.nested_tensor", "torch.nested.as_nested_tensor"):
        reporting.decision(frame, node, Dim((), False, True), "nested", False)
        return Tensor("input", CERTAIN, ragged=True)
    if name.startswith(distributions.MODULE):
        return distributions.make(frame, node, name, given)
    if name.startswith(_PLUMBING):
        return _plumbing(name, given)
    return _operator(frame, node, name, None, given)


def method(frame: Frame, node: ast.AST, receiver: Tensor, name: str, given: Arguments) -> Value:
    """The kind that a method of a tensor returns."""
    evident = name not in _FAMILIAR and receiver.sure == GUESS
    tensor = (
        receiver if not evident else Tensor(receiver.depends, LIKELY, receiver.shape, receiver.dtype, receiver.source)
    )
    func = node.func if isinstance(node, ast.Call) else None
    text = frame.module.operand(func.value) if isinstance(func, ast.Attribute) else ""
    gradients.report(frame, node, f"torch.Tensor.{name}", tensor.sure)
    if name.endswith("_") and not name.startswith("_") and name not in _NO_WRITES and isinstance(node, ast.Call):
        reporting.state_write(frame, node, node.func.value, receiver, "in-place")
        views.written(frame, node, node.func.value, receiver)
        if name == "copy_" and reporting.is_plain_copy(frame, node, node.func.value):
            return receiver
    if name in ("item", "__int__", "__float__", "__bool__", "__index__"):
        return taken(frame, node, tensor, name.strip("_"), text)
    if name == "new_tensor" and given.args:
        size_tensors.made(frame, node, name, given.args[0])
    if name == "tolist":
        return Seq("list", None, taken(frame, node, tensor, "tolist", text))
    if name in ("numpy", "__array__"):
        reporting.conversion(frame, node, tensor, "numpy", text)
        return Array(tensor.depends, tensor.sure)
    if name == "size" and not given.args and not given.kwargs:
        return Seq("Size", tensor.shape) if tensor.shape is not None else Shape(tensor.source, False, tensor.ragged)
    if name == "size":
        return _size(tensor, given.get("dim", 0))
    if name in ("numel", "nelement"):
        sizes = [d for d in tensor.shape or () if isinstance(d, Dim)]
        if tensor.shape is not None and not sizes:
            return Static("int")
        axes = tuple(axis for d in sizes for axis in d.axes)
        return Dim(axes, any(d.declared for d in sizes), bool(tensor.ragged), False)
    if name in ("dim", "ndimension") and tensor.shape is not None:
        return Const("int", len(tensor.shape), False)
    return _operator(frame, node, f"torch.Tensor.{name}", tensor, given)


def _size(tensor: Tensor, axis: Value | None) -> Value:
    index = axis.value if isinstance(axis, Const) and type(axis.value) is int else None
    if tensor.shape is None:
        return Shape(tensor.source, False, tensor.ragged).axis(index)
    if index is not None and -len(tensor.shape) <= index < len(tensor.shape):
        return tensor.shape[index]
    return join_all(tensor.shape)


def canonical(name: str) -> str:
    """One public name for the aliases that people use: torch.functional.F, torch.nn.modules.conv.Conv2d, torch.ops."""
    name = name.replace("torch.torch.", "torch.")
    if name.startswith("torch.nn.modules."):
        return f"torch.nn.{name.rpartition('.')[2]}"
    if name.startswith("torch.functional."):
        return f"torch.{name.rpartition('.')[2]}"
    if name.startswith("torch.ops.aten."):
        return f"torch.{name.split('.')[3]}"
    return name.replace("torch._C._nn.", "torch.nn.functional.")


def _from_python(frame: Frame, node: ast.AST, name: str, given: Arguments) -> Value:
    value = given.get("data", 0) or UNKNOWN
    size_tensors.made(frame, node, name, value)
    inside = tensors_in(value) if all(isinstance(kind, Seq) or kind == NONE for kind in options(value)) else []
    numbers = [k for k in _leaves(value) if isinstance(k, Number)]
    for number in numbers:
        reporting.use(frame, number, "tensor", node)
    for tensor in inside:
        reporting.conversion(frame, node, tensor, "torch.tensor", source_of(frame, node))
    sources = [t.depends for t in tensors_in(value)] + [n.depends for n in numbers]
    scalar = isinstance(value, Const | Number | Dim)
    asked = given.kwargs.get("dtype")
    dtype = dtypes.of_literal(value) if asked is None else asked.name if isinstance(asked, DataType) else None
    return Tensor(most_dependent(sources) if sources else "constant", CERTAIN, () if scalar else None, dtype)


def _leaves(value: Value) -> list[Value]:
    if isinstance(value, Seq):
        return [leaf for item in (value.items or (value.element,)) for leaf in _leaves(item)]
    return list(options(value))


def _is_tensor(given: Arguments) -> Value:
    kinds = options(given.args[0]) if given.args else ()
    if kinds and all(isinstance(k, Tensor) and k.sure > GUESS for k in kinds):
        return Const("bool", True)
    return Static("bool")


def _cond(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    from exportlint.flow.calls import apply

    for predicate in (p for p in options(given.args[0]) if isinstance(p, Tensor)):
        reporting.decision(frame, node, replace(predicate, sure=max(predicate.sure, LIKELY)), "cond", False)
    operands = given.args[3] if len(given.args) > 3 else given.kwargs.get("operands", Seq("tuple", ()))
    args = operands.items if isinstance(operands, Seq) and operands.items is not None else ()
    return join_all([apply(frame, node, side, Arguments(tuple(args))) for side in given.args[1:3]])


def _plumbing(name: str, given: Arguments) -> Value:
    kind = kind_of(name, given)
    if kind and kind.startswith("tensor"):
        return value_of(kind, Tensor("constant"))
    return Static("bool") if name.rpartition(".")[2].startswith("is_") else UNKNOWN


def _operator(frame: Frame, node: ast.AST, name: str, receiver: Tensor | None, given: Arguments) -> Value:
    kind = kind_of(name, given)
    if kind is None:
        return UNKNOWN
    inputs = [receiver] if receiver is not None else []
    inputs += [t for value in (*given.args, *given.kwargs.values()) for t in tensors_in(value)]
    leaves = [leaf for value in (*given.args, *given.kwargs.values()) for leaf in _leaves(value)]
    numbers = [leaf for leaf in leaves if isinstance(leaf, Number)]
    for number in numbers:
        reporting.use(frame, number, "size" if _takes_sizes(name) else "argument", node)
    sources = inputs[:1] if name in _LIKE_ANOTHER else inputs
    depends = most_dependent([*(t.depends for t in sources), *(n.depends for n in numbers)])
    if receiver is None and given.args and name.rpartition(".")[2] not in _MAKERS and _opaque(given.args[0]):
        depends = "input"
    if depends == "constant" and any(map(_may_be_size, leaves)) and not _is_configured(node):
        depends = "state"  # made of sizes, which a tracer records
    sure = receiver.sure if receiver is not None else CERTAIN
    word = kind.partition("!")[0]
    if word not in _PLAIN_WORDS and word not in ("dim", "dims"):
        arguments, names, of_numbers = named_arguments.named(name, given)
        shape = shapes.known(inputs[0]) if inputs else None
        extra = (("shape", shape),) if shape is not None else ()
        dtype = inputs[0].dtype if inputs else None
        constant = bool(inputs) and all(t.depends == "constant" for t in inputs) and not name.endswith(_DRAWS_IN_PLACE)
        frame.unrecorded += constant
        frame.emit(
            OperatorCall,
            node,
            training_only.surest(frame, node, name, sure),
            name=name,
            arguments=arguments + extra,
            given=names,
            dtype=dtype,
            numbers=of_numbers,
            returned=frame.returning is node,
            on_input=bool(inputs) and inputs[0].source is not None,
        )
        frame.unrecorded -= constant
    dropouts.report(frame, node, name, given)
    _sized_by_values(frame, node, name, inputs, given)
    if word in ("dim", "dims"):
        ragged = any(t.ragged for t in inputs)
        return Shape(None, False, ragged) if word == "dims" else Dim((), False, ragged, False)
    like = Tensor(depends, sure, None, None, None, shapes.stays_ragged(name, inputs, given))
    if word == "bool:data":
        reporting.conversion(frame, node, like, "bool", frame.module.source(node))
    value = value_of(kind, like, shapes.selected(name, given))
    if isinstance(value, Tensor):
        return shapes.of_operator(name, receiver, given, inputs, value)
    return value


def _sized_by_values(frame: Frame, node: ast.AST, name: str, inputs: list[Tensor], given: Arguments) -> None:
    """Operations whose exporters decide on sizes, given sizes that depend on values."""
    short = name.rpartition(".")[2]
    if short == "interpolate":
        sizes = [k for k in _leaves(given.get("size", 1) or UNKNOWN) if isinstance(k, Tensor | Number)]
        for size in sizes[:1]:
            reporting.decision(frame, node, size, "resize", False)
    elif short == "scaled_dot_product_attention" and any(tensor.ragged for tensor in inputs):
        reporting.decision(frame, node, Dim((), False, True), "attention", False)


def _opaque(value: Value) -> bool:
    return any(kind == UNKNOWN or (isinstance(kind, Seq) and _opaque(member(kind))) for kind in options(value))


def _may_be_size(value: Value) -> bool:
    return isinstance(value, Dim | Shape) or value == UNKNOWN or (isinstance(value, Const) and not value.fixed)


def _is_configured(node: ast.AST) -> bool:
    """`torch.arange(self.width)`, `x.mul_(2 / self.width)`: made with what the model is built of alone."""
    args = node.args if isinstance(node, ast.Call) else []
    parts = [part for arg in args for part in (arg, *below(arg))]
    return bool(args) and not any(
        isinstance(part, ast.Call) or (isinstance(part, ast.Name) and part.id != "self") for part in parts
    )


def _takes_sizes(name: str) -> bool:
    return name.rpartition(".")[2] in _SIZED

"""torch's own nn.Modules: making one, and calling it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.data import torch_signatures
from exportlint.flow import attention, shapes, training_only
from exportlint.flow.arguments import Arguments
from exportlint.flow.events import OperatorCall, PackedCall
from exportlint.flow.joins import join_all, member, tensors_in
from exportlint.flow.returns import kind_of, plain, value_of
from exportlint.flow.values import (
    CERTAIN,
    UNKNOWN,
    Api,
    Layer,
    Map,
    Seq,
    Tensor,
    Value,
    most_dependent,
    options,
)

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

PACKERS = ("torch.nn.utils.rnn.pack_padded_sequence", "torch.nn.utils.rnn.pack_sequence")
PACKED = Api("torch.nn.utils.rnn.PackedSequence")


def call(frame: Frame, node: ast.AST, module: Layer, given: Arguments) -> Value:
    """The kind that calling one of torch's layers gives."""
    inputs = [t for value in given.args for t in tensors_in(value)]
    opaque = not inputs and bool(given.args)  # whatever was passed, a layer makes a tensor of it
    like = Tensor("input" if opaque else most_dependent(["state", *(t.depends for t in inputs)]), CERTAIN)
    kind = kind_of(module.name, given) or "tensor"
    if given.args and PACKED in options(given.args[0]):
        frame.emit(PackedCall, node, CERTAIN, layer=module.name.rpartition(".")[2])
    attention.report(frame, node, module, given)
    if inputs:
        given_names = tuple(name for name, _ in module.arguments)
        known = tuple((name, plain(value)) for name, value in module.arguments if plain(value) is not None)
        sizes = shapes.known(inputs[0])
        shape = (("shape", sizes),) if sizes is not None else ()
        frame.emit(
            OperatorCall,
            node,
            training_only.surest(frame, node, module.name, CERTAIN),
            name=module.name,
            arguments=known + shape,
            given=given_names,
            dtype=inputs[0].dtype,
        )
    if kind == "unknown":
        return UNKNOWN
    value = value_of(kind, like)
    if isinstance(value, Tensor) and inputs:
        return shapes.of_layer(module, inputs[0], value)
    return value


def make(name: str, given: Arguments) -> Value:
    """The layer, container or parameter that a constructor of torch.nn gives."""
    short = name.removeprefix("torch.nn.")
    if short in ("Parameter", "UninitializedParameter", "Buffer", "parameter.Parameter"):
        value = given.args[0] if given.args else UNKNOWN
        return Tensor("state", CERTAIN, value.shape, value.dtype) if isinstance(value, Tensor) else Tensor("state")
    if short in ("Sequential", "ModuleList", "ParameterList"):
        return _container("Sequential" if short == "Sequential" else "ModuleList", given)
    if short in ("ModuleDict", "ParameterDict"):
        held = given.args[0] if given.args else None
        return Map("ModuleDict", held.items, held.element) if isinstance(held, Map) else Map("ModuleDict")
    names = torch_signatures().get(name, ())
    positional = tuple((names[i] if i < len(names) else str(i), value) for i, value in enumerate(given.args))
    return Layer(name, (*positional, *given.kwargs.items()))


def _container(kind: str, given: Arguments) -> Value:
    if given.open_args is not None:
        return Seq(kind, None, join_all([*given.args, given.open_args]))
    if (
        len(given.args) == 1
        and isinstance(given.args[0], Seq)
        and (kind == "ModuleList" or given.args[0].type == "OrderedDict")
    ):
        held = given.args[0]
        return Seq(kind, held.items, held.element)
    if len(given.args) == 1 and isinstance(given.args[0], Map):
        return Seq(
            kind,
            tuple(v for _, v in given.args[0].items) if given.args[0].element is None else None,
            member(given.args[0]),
        )
    if kind == "ModuleList" and given.args:
        return Seq(kind, None, UNKNOWN)
    return Seq(kind, given.args)

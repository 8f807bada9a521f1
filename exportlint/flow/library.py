"""Functions of libraries that are neither torch nor the project, and methods every nn.Module has."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow import outside_torch, reporting
from exportlint.flow.arguments import Arguments
from exportlint.flow.conversions import source_of, to_number
from exportlint.flow.events import NumpyCall
from exportlint.flow.joins import tensors_in
from exportlint.flow.values import (
    CERTAIN,
    GUESS,
    NONE,
    UNKNOWN,
    Array,
    Const,
    Dim,
    Instance,
    Number,
    Seq,
    Static,
    Tensor,
    Value,
    most_dependent,
    options,
)

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

# einops returns a tensor for a tensor (its documentation); only its parse_shape and pack/unpack differ.
_RETURNS_TENSOR = {"einops.rearrange", "einops.reduce", "einops.repeat", "einops.einsum", "opt_einsum.contract"}
_WHOLE = {"ceil", "floor", "trunc"}


def function(frame: Frame, node: ast.AST, name: str, given: Arguments) -> Value:
    """The kind that a function outside torch and the project returns."""
    library = name.partition(".")[0]
    draw = outside_torch.drawn(frame, node, name)
    if draw is not None:
        return draw
    if library == "math":
        return _math(frame, node, name.rpartition(".")[2], given)
    if library == "numpy":
        return _numpy(frame, node, name, given)
    if name in _RETURNS_TENSOR:
        tensors = [t for value in given.args for t in tensors_in(value)]
        depends = most_dependent([t.depends for t in tensors]) if tensors else "input"
        return Tensor(depends, max((t.sure for t in tensors), default=CERTAIN) or GUESS + 1)
    if name == "functorch.experimental.control_flow.cond":
        from exportlint.flow import torch_calls

        return torch_calls.function(frame, node, "torch.cond", given)
    if name in ("itertools.chain", "itertools.product"):
        return UNKNOWN
    if name == "collections.OrderedDict":
        return given.args[0] if given.args else UNKNOWN
    if name == "typing.cast" and len(given.args) == 2:
        return given.args[1]
    if library in ("warnings", "logging", "os", "sys", "time", "random"):
        return Static()
    return UNKNOWN


def _math(frame: Frame, node: ast.AST, name: str, given: Arguments) -> Value:
    result: Value = Static("float")
    for value in given.args:
        for kind in options(value):
            if isinstance(kind, Tensor | Number | Dim):
                form = f"math.{name}"
                number = to_number(frame, node, kind, "int" if name in _WHOLE else "float", form)
                result = number if isinstance(number, Dim | Number) else result
    return result


def _numpy(frame: Frame, node: ast.AST, name: str, given: Arguments) -> Value:
    parts: list[Tensor | Array | Number] = []
    for value in (*given.args, *given.kwargs.values()):
        parts += [k for k in options(value) if isinstance(k, Array | Number)] + tensors_in(value)
        for kind in options(value):
            if isinstance(kind, Dim):
                reporting.dimension(frame, node, kind, "numpy", source_of(frame, node))
    tensors = [p for p in parts if isinstance(p, Tensor) and p.sure > GUESS]
    if tensors:
        depends = most_dependent([t.depends for t in tensors])
        sure = max(t.sure for t in tensors)
        frame.emit(NumpyCall, node, sure, library="numpy", function=name, depends=depends)
    if parts:
        return Array(most_dependent([p.depends for p in parts]), max(p.sure for p in parts))
    return Static()


def module_method(frame: Frame, receiver: Instance, name: str, given: Arguments) -> Value:
    """Methods that nn.Module gives every model."""
    if name in ("register_buffer", "register_parameter") and len(given.args) > 1:
        value = given.args[1]
        held = Tensor("state", CERTAIN, value.shape, value.dtype) if isinstance(value, Tensor) else value
        if isinstance(given.args[0], Const):
            frame.interpreter.attributes.write(receiver, str(given.args[0].value), held, frame.certain)
        return NONE
    if name in ("add_module", "register_module") and len(given.args) > 1 and isinstance(given.args[0], Const):
        frame.interpreter.attributes.write(receiver, str(given.args[0].value), given.args[1], frame.certain)
        return NONE
    if name in ("parameters", "buffers"):
        return Seq("generator", None, Tensor("state"))
    if name in ("named_parameters", "named_buffers"):
        return Seq("generator", None, Seq("tuple", (Static("str"), Tensor("state"))))
    if name in ("to", "eval", "train", "cuda", "cpu", "half", "float", "requires_grad_"):
        return receiver
    return UNKNOWN

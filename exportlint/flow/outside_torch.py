"""What Python does to a model's values without torch: drawing random numbers, copying tensors and modules."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.arguments import Arguments
from exportlint.flow.conversions import source_of
from exportlint.flow.events import Autocast, Copy, PythonDraw
from exportlint.flow.joins import tensors_in
from exportlint.flow.values import (
    CERTAIN,
    GUESS,
    Const,
    DataType,
    Drawn,
    Instance,
    Layer,
    Map,
    Seq,
    Tensor,
    Value,
    options,
)
from exportlint.source.remembered import below

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

# Of the standard library's random and of numpy.random; their seeds, states and generators draw nothing.
_DRAWS = frozenset(
    "random uniform triangular randint randrange choice choices sample shuffle gauss normalvariate lognormvariate "
    "expovariate betavariate gammavariate paretovariate vonmisesvariate weibullvariate getrandbits binomialvariate "
    "rand randn normal standard_normal random_sample ranf permutation beta binomial poisson exponential gamma "
    "multinomial multivariate_normal laplace dirichlet random_integers".split()
)


def drawn(frame: Frame, node: ast.AST, name: str) -> Drawn | None:
    """The random number that a call draws outside torch, None for any other call; reported here unless it is kept.

    What is kept in a variable matters where that is read: many draw first, and look whether they train afterwards.
    """
    holder, _, function = name.rpartition(".")
    if holder not in ("random", "numpy.random") or function not in _DRAWS:
        return None
    value = Drawn("float", frame.module.span(node), name)
    kept = any(isinstance(s, ast.Assign) and s.value is node for s in below(frame.function.node))
    return value if kept else used(frame, value)


def used(frame: Frame, value: Value) -> Value:
    """A variable's value as it is read; a random number that Python drew is reported."""
    if isinstance(value, Drawn) and value.span is not None:
        frame.emit(PythonDraw, value.span, CERTAIN, function=value.function)
    return value


def autocast(frame: Frame, node: ast.AST, given: Arguments) -> None:
    """Report torch.autocast on a known device, unless it is, or may be, switched off."""
    device, dtype = given.get("device_type", 0), given.get("dtype", 1)
    enabled = given.get("enabled", 2)
    known = dtype is None or isinstance(dtype, DataType)
    if isinstance(device, Const) and known and (enabled is None or enabled == Const("bool", True)):
        name = dtype.name if isinstance(dtype, DataType) else None
        frame.emit(Autocast, node, CERTAIN, device=str(device.value), dtype=name)


def copied(frame: Frame, node: ast.AST, name: str, given: Arguments) -> None:
    """Report copy.copy and copy.deepcopy of a tensor, of a container of tensors, or of a module."""
    kinds = options(given.args[0])
    words = [(_copied_kind(frame, kind, name), kind) for kind in kinds]
    if len(words) == 1 and words[0][0] is not None:
        word, kind = words[0]
        sure = kind.sure if isinstance(kind, Tensor) else CERTAIN
        frame.emit(Copy, node, sure, function=name, what=word, text=source_of(frame, node))


def _copied_kind(frame: Frame, value: Value, name: str) -> str | None:
    if isinstance(value, Tensor):
        return "tensor" if value.sure > GUESS else None
    if name == "copy.copy":
        return None  # a container keeps its tensors, a module its parameters
    if is_module(frame, value):
        return "module"
    if isinstance(value, Seq | Map) and any(tensor.sure == CERTAIN for tensor in tensors_in(value)):
        return "container"
    return None


def is_module(frame: Frame, value: Value) -> bool:
    """Whether a value is an nn.Module of the project, of torch, or a container of them."""
    if isinstance(value, Instance):
        return frame.interpreter.classes.is_module(value.cls)
    return isinstance(value, Layer) or (isinstance(value, Seq) and value.type in ("Sequential", "ModuleList"))

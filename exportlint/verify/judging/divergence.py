"""The first operator of the user's code whose value the exported model never computes.

Eager mode runs with every operator noted: its line, its value, and which operators its inputs came from. The exported
model runs with all its intermediate values noted. From the output at fault one walks back along values that the
exported model does not have; where all inputs of an operator are there and its value is not, the two part.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from exportlint.verify.eager import Eager, fresh_call, fresh_model, seed_all
from exportlint.verify.frames import Place, UserCode
from exportlint.verify.judging.tolerance import magnitude
from exportlint.verify.structure import leaves, tensors
from exportlint.verify.targets import Call, Exported
from exportlint.verify.watching import Watching

MOST_ELEMENTS = 50_000_000  # of all values noted in one run; what comes later is not looked at
NEAR = 1e-3  # relative to the largest value: most faults are coarser than rounding
BELOW = 4.0  # how much smaller than the fault at the output the difference of a value is that both have
_CONSTANT = ("zeros_like", "ones_like", "full_like", "empty_like", "new_zeros", "new_ones", "new_full", "new_empty")


@dataclass(frozen=True)
class Operator:
    """One operator that ran: its name, its line, a copy of its value, and the operators that made its inputs.

    `value` is None where there is none to compare: a nested or sparse tensor, or one too many. `fed`: whether the value
    depends on an input of the model; any other is a constant, which an export need not compute.
    """

    name: str
    place: Place | None
    value: torch.Tensor | None
    inputs: tuple[int, ...]
    fed: bool


class Noted(Watching):
    """Notes every operator; its place too where `code` is given."""

    def __init__(self, code: UserCode | None, call: Call) -> None:
        super().__init__()
        self.code = code
        self._given = {id(leaf) for leaf in call.leaves().values() if isinstance(leaf, torch.Tensor)}
        self.operators: list[Operator] = []
        self._left = MOST_ELEMENTS
        self._made: dict[int, int] = {}
        self._written: dict[int, int] = {}
        self._alive: list[torch.Tensor] = []  # an id means one tensor only while that lives

    def maker(self, tensor: torch.Tensor) -> int | None:
        """The operator that made a tensor, or wrote to its memory since; None for an input or a weight."""
        number = max(self._made.get(id(tensor), -1), self._written.get(_memory(tensor), -1))
        return number if number >= 0 else None

    def operator(self, func: Any, args: Sequence, kwargs: Mapping) -> Any:
        """Run an operator."""
        given = [tensor for _, tensor in tensors([*args, kwargs])]
        inputs = tuple(maker for tensor in given if (maker := self.maker(tensor)) is not None)
        fed = any(id(tensor) in self._given for tensor in given) or any(self.operators[maker].fed for maker in inputs)
        fed = fed and not func.overloadpacket.__name__.endswith(_CONSTANT)
        result = func(*args, **kwargs)
        place = self.code.above(sys._getframe(1)) if self.code else None
        for _, tensor in tensors(result):
            plain = tensor.layout == torch.strided and not tensor.is_nested
            self._left -= tensor.numel() if plain else 0
            self._alive.append(tensor)
            self._made[id(tensor)] = len(self.operators)
            if func._schema.is_mutable:
                self._written[_memory(tensor)] = len(self.operators)
            value = tensor.detach().clone() if plain and self._left >= 0 else None
            self.operators.append(Operator(func._schema.name, place, value, inputs, fed))
        return result


def _memory(tensor: torch.Tensor) -> int:
    return (
        tensor.untyped_storage().data_ptr() if tensor.layout == torch.strided and not tensor.is_nested else id(tensor)
    )


def first_divergent(
    eager: Eager, exported: Exported, call: Call, seed: int, output: str, apart: float = math.inf
) -> Place | None:
    """Where the two runs part on the way to the output of that name, by `apart` there; None when it cannot be told."""
    try:
        theirs = exported_values(exported, call, seed)
    except Exception:  # the exported model fails on this input: its values are unknown
        return None
    known: dict[tuple[int, ...], list[torch.Tensor]] = {}
    for value in theirs:
        known.setdefault(tuple(value.shape), []).append(wide(value))
    noted, answer = eager_run(eager, call, seed)
    at_fault = dict(leaves(answer)).get(output)
    if not isinstance(at_fault, torch.Tensor):
        return None
    number, place = noted.maker(at_fault), None
    near = min(NEAR, apart / magnitude(wide(at_fault)) / BELOW) or NEAR
    while number is not None:
        operator = noted.operators[number]
        place = operator.place or place
        fed = [i for i in operator.inputs if noted.operators[i].fed]
        missing = [i for i in fed if not _known(noted.operators[i].value, known, near)]
        number = missing[0] if missing else None
    return place


def eager_run(eager: Eager, call: Call, seed: int) -> tuple[Noted, Any]:
    """Every operator of an eager run with its place, and the answer."""
    model, mine = fresh_model(eager.model), fresh_call(call)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seed_all(seed)
        with Noted(eager.code, mine) as noted:
            return noted, model(*mine.args, **mine.kwargs)


def exported_values(exported: Exported, call: Call, seed: int) -> list[torch.Tensor]:
    """Every value that the exported model computes on the way. Raises what that run raises."""
    mine = fresh_call(call)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seed_all(seed)
        if exported.values:
            return exported.values(mine)
        if exported.reload:
            exported.reload()
        with Noted(None, mine) as noted:
            exported.run(mine)
    return [operator.value for operator in noted.operators if operator.value is not None]


def _known(value: torch.Tensor | None, known: Mapping[tuple[int, ...], list[torch.Tensor]], near: float) -> bool:
    others = () if value is None else known.get(tuple(value.shape), ())
    return value is not None and any(_close(wide(value), other, near) for other in others)


def wide(value: torch.Tensor) -> torch.Tensor:
    """`value` in a dtype that holds what others may be."""
    return value.to(torch.complex128 if value.is_complex() else torch.float64)


def _close(one: torch.Tensor, other: torch.Tensor, near: float) -> bool:
    if one.numel() == 0:
        return True
    if one.is_complex() != other.is_complex():
        return False
    scale = magnitude(one)
    absolute = min(NEAR * min(scale, 1.0), near * scale) + 1e-12
    return bool(torch.allclose(one, other, rtol=near, atol=absolute, equal_nan=True))

"""How far an eager run is from deciding otherwise, and in which direction of its inputs that lies.

A test of a tensor is mostly a comparison: by how much one side is larger is its margin. Conditions made of several have
one too: `any` the largest, `all` the smallest, `not` the opposite. What Python reads from a tensor has its value.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from exportlint.verify.clock import limited
from exportlint.verify.eager import Eager, fresh_call, fresh_model, seed_all
from exportlint.verify.searching.decisions import VALUE_READS
from exportlint.verify.targets import Call

# by the name of the operator, without the underscores of its method
_COMPARED: dict[str, Callable[[Any, Any], torch.Tensor]] = {
    "gt": lambda one, other: one - other,
    "ge": lambda one, other: one - other,
    "lt": lambda one, other: other - one,
    "le": lambda one, other: other - one,
    "eq": lambda one, other: -(one - other).abs(),
    "ne": lambda one, other: (one - other).abs(),
}
_JOINED = {"and": torch.minimum, "logical_and": torch.minimum, "bitwise_and": torch.minimum}
_JOINED |= {"or": torch.maximum, "logical_or": torch.maximum, "bitwise_or": torch.maximum}
_TURNED = ("invert", "logical_not", "bitwise_not")
_MOVED = ("getitem", "squeeze", "unsqueeze", "reshape", "view", "flatten")


class _Reached(BaseException):
    """The decision was reached: what comes after it does not matter. No Exception, which a model may catch."""


@dataclass(frozen=True)
class Slope:
    """A margin, or a value that was read, and how fast it grows with each float input.

    `touching`: the margin of an equality, whose other side is 0 itself and not beyond.
    """

    margin: float
    touching: bool
    by: Mapping[str, torch.Tensor]


def slope(eager: Eager, call: Call, place: tuple[str, int], nth: int, seed: int) -> Slope | None:
    """The margin of the `nth` decision at (path, line); None where it has none that depends on a float input."""
    model, mine = fresh_model(eager.model), fresh_call(call)
    floats = {
        name: leaf.detach().clone().requires_grad_()
        for name, leaf in mine.leaves().items()
        if isinstance(leaf, torch.Tensor) and leaf.dtype.is_floating_point and leaf.layout == torch.strided
    }
    # the model may write to its inputs, which a leaf of autograd forbids
    given = mine.with_leaves({**mine.leaves(), **{name: leaf.clone() for name, leaf in floats.items()}})
    margins = _Margins(eager, place, nth)
    with torch.enable_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seed_all(seed)
        try:
            with limited(eager.limit), margins:
                model(*given.args, **given.kwargs)
        except _Reached:
            pass
        except Exception:  # the model is not made to be differentiated
            return None
        if margins.found is None or not margins.found.requires_grad:
            return None
        try:
            grown = torch.autograd.grad(margins.found, list(floats.values()), allow_unused=True)
        except RuntimeError:  # an operator without a derivative, or a value written over since
            return None
    by = {name: rate.detach().double() for name, rate in zip(floats, grown, strict=True) if rate is not None}
    return Slope(float(margins.found.detach()), margins.touching, by)


class _Margins(TorchFunctionMode):
    """Follows conditions from the comparisons they are made of, up to one decision; `found` is its margin."""

    def __init__(self, eager: Eager, place: tuple[str, int], nth: int) -> None:
        super().__init__()
        self.eager, self.place, self.left = eager, place, nth
        self.found: torch.Tensor | None = None
        self.touching = False
        self._of: dict[int, torch.Tensor] = {}
        self._alive: list[torch.Tensor] = []  # an id means one tensor only while that lives

    def __torch_function__(self, func: Any, types: Any, args: Sequence = (), kwargs: Mapping | None = None) -> Any:
        name = getattr(func, "__name__", "")
        if name in VALUE_READS and args:
            self._read(args[0])
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and result.dtype == torch.bool:
            margin = self._margin(name.strip("_"), args, kwargs or {})
            if margin is not None:
                self._of[id(result)] = margin
                self.touching = self.touching or name.strip("_") in ("eq", "ne")
                self._alive.append(result)
        return result

    def _read(self, tensor: torch.Tensor) -> None:
        place = self.eager.code.above(sys._getframe(2))
        if place is None or (place.path, place.line) != self.place:
            return
        self.left -= 1
        if self.left < 0:
            self.found = self._of.get(id(tensor), tensor if tensor.dtype.is_floating_point else None)
            if self.found is not None:
                self.found = self.found.sum()  # of one element, or Python could not have read it
            raise _Reached

    def _margin(self, name: str, args: Sequence, kwargs: Mapping) -> torch.Tensor | None:
        known = [self._of.get(id(arg)) for arg in args]
        try:
            if name in _COMPARED:
                return _COMPARED[name](args[0], args[1])
            if name in _JOINED and known[0] is not None and known[1] is not None:
                return _JOINED[name](*torch.broadcast_tensors(known[0], known[1]))
            if not known or known[0] is None:
                return None
            if name in ("any", "all"):
                return (known[0].amax if name == "any" else known[0].amin)(*args[1:], **kwargs)
            if name in _MOVED:
                return getattr(known[0], "__getitem__" if name == "getitem" else name)(*args[1:], **kwargs)
        except (RuntimeError, TypeError, IndexError):  # no numbers, or words that amax does not know
            return None
        return -known[0] if name in _TURNED else None

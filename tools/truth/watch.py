"""Where a tensor that depends on the input becomes a Python value in eager mode."""

from __future__ import annotations

import sys
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree
from torch.utils.weak import WeakIdKeyDictionary

from truth.places import Spot, nearest

_CONVERSIONS = frozenset(
    "__bool__ __int__ __float__ __index__ __len__ __iter__ __contains__ item tolist numpy __array__".split()
)
# They take a tensor for its shape and type only.
_SHAPE_ONLY = frozenset(
    "zeros_like ones_like empty_like full_like rand_like randn_like new_zeros new_ones new_empty new_full".split()
)


class Watch(TorchFunctionMode):
    """Follows what comes from `inputs` through torch; `converted` holds where it became a Python value."""

    def __init__(self, inputs: Any) -> None:
        super().__init__()
        self.converted: set[Spot] = set()
        self._dependent = WeakIdKeyDictionary()
        self._follow(inputs)

    def __torch_function__(self, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "")
        dependent = any(tensor in self._dependent for tensor in _tensors((args, kwargs)))
        if dependent and name in _CONVERSIONS and (spot := nearest(sys._getframe(1))) is not None:
            self.converted.add(spot)
        result = function(*args, **(kwargs or {}))
        if dependent and name not in _SHAPE_ONLY:
            # what an operator in place has written to, among its arguments, has no other mark than its name
            written = args[:1] if name == "__setitem__" or (name.endswith("_") and not name.endswith("__")) else ()
            self._follow((result, written))
        return result

    def _follow(self, values: Any) -> None:
        for tensor in _tensors(values):
            self._dependent[tensor] = None


def _tensors(values: Any) -> list[torch.Tensor]:
    return [leaf for leaf in pytree.tree_leaves(values) if isinstance(leaf, torch.Tensor)]

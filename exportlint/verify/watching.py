"""Looks on while a model runs: what its modes have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class Watching(TorchDispatchMode):
    """A mode whose `operator` runs each operator. What `torch.cond` chooses runs like the rest of a model.

    In eager mode `torch.cond` compiles itself, and what it compiles within a mode fails without it for the rest of the
    process (torch 2.13: "torch.* op returned non-Tensor"). So all that was compiled is forgotten afterwards.
    """

    supports_higher_order_operators = True

    def __init__(self) -> None:
        super().__init__()
        self._compiled = False

    def __exit__(self, *raised: Any) -> None:
        """Leave the mode."""
        super().__exit__(*raised)
        if self._compiled:
            torch.compiler.reset()

    def __torch_dispatch__(self, func: Any, types: Any, args: Sequence = (), kwargs: Mapping | None = None) -> Any:
        if not isinstance(func, torch._ops.HigherOrderOperator):
            return self.operator(func, args, kwargs or {})
        self._compiled = True
        if func is not torch.ops.higher_order.cond:
            return func(*args, **(kwargs or {}))
        test, then, otherwise, operands = args
        with self:
            return then(*operands) if test else otherwise(*operands)

    def operator(self, func: Any, args: Sequence, kwargs: Mapping) -> Any:
        """Run an operator, outside of this mode."""
        raise NotImplementedError

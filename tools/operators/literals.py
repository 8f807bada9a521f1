"""Python values as the source text that a user would write; tensors become the model's inputs x0, x1..."""

from __future__ import annotations

import math

import torch

_NAMED = (torch.dtype, torch.memory_format, torch.layout)


class NotWritable(Exception):
    """The value has no short source text: a function, a generator, a module."""


def written(value: object, tensors: list[torch.Tensor]) -> str:
    """Source text of `value`; tensors inside are appended to `tensors` and named by their position there.

    Raises NotWritable.
    """
    if isinstance(value, torch.Tensor):
        tensors.append(value.detach())
        return f"x{len(tensors) - 1}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    if value is None or isinstance(value, bool | int | float | complex | str):
        return repr(value)
    if isinstance(value, _NAMED):
        return str(value)
    if isinstance(value, torch.device):
        return repr(value.type)
    if isinstance(value, slice):
        return f"slice({written(value.start, tensors)}, {written(value.stop, tensors)}, {written(value.step, tensors)})"
    if isinstance(value, list):
        return f"[{', '.join(written(v, tensors) for v in value)}]"
    if isinstance(value, tuple):
        inside = ", ".join(written(v, tensors) for v in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if value is Ellipsis:
        return "..."
    raise NotWritable(type(value).__name__)


def written_call(function: str, args: tuple, kwargs: dict, tensors: list[torch.Tensor]) -> str:
    """Source text of calling `function` (its source text) with these arguments. Raises NotWritable."""
    texts = [written(a, tensors) for a in args]
    texts += [f"{name}={written(value, tensors)}" for name, value in kwargs.items()]
    return f"{function}({', '.join(texts)})"

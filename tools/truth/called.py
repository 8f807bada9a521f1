"""How a model is called: which of several inputs it takes, and inputs of a batch larger than one."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.utils import _pytree as pytree

Built = tuple[nn.Module, tuple[Any, ...], dict[str, Any]]  # model, positional inputs, keyword inputs
PARAMETERS = 60_000_000  # a model with more takes longer than it teaches


def fitting(model: nn.Module, candidates: Iterable[tuple[tuple[Any, ...], dict[str, Any]]]) -> Built:
    """The model with the first inputs that it takes. Raises LookupError where it takes none of them."""
    model.eval()
    refusal: Exception | None = None
    for args, kwargs in candidates:
        try:
            torch.manual_seed(0)
            with torch.no_grad():
                model(*args, **kwargs)
        except Exception as error:  # a stranger's model says in its own way that an input does not fit
            refusal = refusal or error
        else:
            return model, args, kwargs
    raise LookupError(f"no input fits: {refusal}")


def doubled(model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Built:
    """The model with a batch of two where its inputs have a batch of one, which torch.export does not let vary."""
    twice = pytree.tree_map_only(torch.Tensor, _twice, (args, kwargs))
    return fitting(model, [twice, (args, kwargs)])


def _twice(tensor: torch.Tensor) -> torch.Tensor:
    return torch.cat((tensor, tensor.flip(-1))) if tensor.dim() > 1 and tensor.shape[0] == 1 else tensor


def from_parameters(cls: type[nn.Module], values: dict[str, Any]) -> nn.Module:
    """A model of `cls`, what it requires taken from `values`. Raises LookupError where that does not suffice."""
    parameters = inspect.signature(cls).parameters.values()
    needed = [p.name for p in parameters if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    if not set(needed) <= set(values):
        raise LookupError(f"{cls.__name__} requires {sorted(set(needed) - set(values))}")
    return cls(**{name: values[name] for name in needed})


def small(model: nn.Module) -> nn.Module:
    """The model. Raises LookupError where it is too large to be worth the time."""
    count = sum(parameter.numel() for parameter in model.parameters())
    if count > PARAMETERS:
        raise LookupError(f"{count // 1_000_000} million parameters")
    return model

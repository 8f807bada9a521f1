"""Outputs and inputs as flat lists of named leaves: tensors, Python numbers, and whatever else a model hands around."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

NUMBERS = (bool, int, float, complex)


def children(value: Any) -> list[tuple[str, Any]] | None:
    """The parts of a container by name or position; None for a leaf. A dataclass counts as a table of its fields."""
    if isinstance(value, Mapping):
        return [(str(key), item) for key, item in value.items()]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return list(zip(value._fields, value, strict=True))
    if isinstance(value, (list, tuple)):
        return [(str(number), item) for number, item in enumerate(value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
    return None


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves with dotted names, in order; a bare leaf keeps `name`."""
    parts = children(value)
    if parts is None:
        yield name, value
        return
    for key, item in parts:
        yield from leaves(item, f"{name}.{key}" if name else key)


def replaced(value: Any, change: Callable[[str, Any], Any], name: str = "") -> Any:
    """A copy of `value` with each leaf of plain containers replaced by `change(name, leaf)`."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(
            *(replaced(item, change, f"{name}.{key}") for key, item in zip(value._fields, value, strict=True))
        )
    if isinstance(value, (list, tuple)):
        items = (
            replaced(item, change, f"{name}.{number}" if name else str(number)) for number, item in enumerate(value)
        )
        return type(value)(items)
    if isinstance(value, Mapping):
        made = copy.copy(value)
        for key, item in value.items():
            made[key] = replaced(item, change, f"{name}.{key}" if name else str(key))
        return made
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        made = copy.copy(value)
        for key, item in children(value) or ():
            object.__setattr__(made, key, replaced(item, change, f"{name}.{key}" if name else key))
        return made
    return change(name, value)


def tensors(value: Any) -> list[tuple[str, torch.Tensor]]:
    """The named tensors among the leaves of `value`."""
    return [(name, leaf) for name, leaf in leaves(value) if isinstance(leaf, torch.Tensor)]


def cloned(value: Any) -> Any:
    """A deep copy in which no tensor shares memory or history with the original; one tensor twice stays one."""
    memo: dict[int, torch.Tensor] = {}

    def clone(_: str, leaf: Any) -> Any:
        if isinstance(leaf, torch.Tensor):
            if id(leaf) not in memo:
                memo[id(leaf)] = leaf.detach().clone().requires_grad_(leaf.requires_grad)
            return memo[id(leaf)]
        return (
            leaf
            if leaf is None or isinstance(leaf, (*NUMBERS, str, torch.dtype, torch.device))
            else copy.deepcopy(leaf)
        )

    return replaced(value, clone)

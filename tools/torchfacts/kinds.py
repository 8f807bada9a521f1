"""From return annotations to the kinds that exportlint's interpreter knows (listed in exportlint/data/__init__.py)."""

from __future__ import annotations

import re

import torch

from torchfacts.overloads import Overload

_SIMPLE = {
    "Tensor": "tensor",
    "torch.Tensor": "tensor",
    "Self": "tensor",
    "_bool": "bool:static",
    "bool": "bool:static",
    "_int": "int:static",
    "int": "int:static",
    "_int | SymInt": "int:static",
    "Size": "dims",
    "torch.Size": "dims",
    "_dtype": "dtype",
    "torch.dtype": "dtype",
    "_dtype | None": "dtype",
    "_device": "device",
    "torch.device": "device",
    "_layout": "layout",
    "Tensor | None": "tensor",
    "list": "list:data",
    "numpy.ndarray": "numpy",
    "None": "none",
    "NoneType": "none",
}
_SEQUENCE = re.compile(
    r"(?:Sequence|list|List)\[(?:torch\.)?Tensor\]|[tT]uple\[(?:torch\.)?Tensor, \.\.\.\]|Tensor\[\]"
)
_STATIC = ("_float", "float", "_qscheme", "str", "_complex", "Storage", "UntypedStorage", "dict", "type")


def kind_of(returns: str) -> str:
    """The kind that a return annotation says, "unknown" when it says nothing we know."""
    if returns in _SIMPLE:
        return _SIMPLE[returns]
    if _SEQUENCE.fullmatch(returns):
        return "tensors"
    if returns.startswith("torch.return_types."):
        fields = getattr(torch.return_types, returns.rpartition(".")[2]).__match_args__
        return f"tensors:{len(fields)}:{','.join(fields)}"
    if match := re.fullmatch(r"fields\[(.*)\]", returns):
        return f"tensors:{match[1].count(',') + 1}:{match[1]}"
    if match := re.fullmatch(r"[tT]uple\[(.*)\]", returns):
        parts = [kind_of(part.strip()) for part in match[1].split(", ")]
        if set(parts) == {"tensor"}:
            return f"tensors:{len(parts)}"
        return "static" if "tensor" not in parts and "unknown" not in parts else "unknown"
    if returns.startswith(_STATIC):
        return "static"
    return "unknown"


def combined(overloads: list[Overload]) -> str:
    """One kind for all overloads; where they differ, the arguments that decide: "tensor;dim->tensors:2:values,indices".

    "name->kind" holds when the argument is given, "name=True->kind" when it is given as True.
    """
    by_kind: dict[str, list[Overload]] = {}
    for overload in overloads:
        by_kind.setdefault(kind_of(overload.returns), []).append(overload)
    if len(by_kind) > 1:
        by_kind.pop("unknown", None)
    (first, base), *others = by_kind.items()
    clauses = [first]
    for kind, members in others:
        decider = _decider(base, members)
        if decider is None:
            return "unknown"
        clauses.append(f"{decider}->{kind}")
    return ";".join(clauses)


def _decider(base: list[Overload], members: list[Overload]) -> str | None:
    """The parameter that every one of `members` requires and none of `base` does."""
    for parameter in members[0].parameters:
        if parameter.only and all(any(p.only and p.name == parameter.name for p in m.parameters) for m in members):
            return f"{parameter.name}=True"
        required = all(any(p.name == parameter.name and p.required for p in m.parameters) for m in members)
        if required and not any(
            p.name == parameter.name and p.annotation != "None" for b in base for p in b.parameters
        ):
            return parameter.name
    return None

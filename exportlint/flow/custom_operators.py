"""Operators that are not torch's own: defined with torch.library, called by their function or through torch.ops."""

from __future__ import annotations

import ast

from exportlint.flow.objects import dotted

_DEFINERS = ("custom_op", "triton_op")
# Of torch itself and of torchvision, which brings translations of its own.
_FAMILIAR = frozenset(
    "aten prim prims higher_order onnx quantized quantized_decomposed torchvision profiler c10d "
    "_c10d_functional inductor".split()
)


def defined(function: ast.AST) -> str | None:
    """The operator ("mine::twice") that stands in `@torch.library.custom_op("mine::twice", ...)` over a function."""
    for decorator in getattr(function, "decorator_list", ()):
        if isinstance(decorator, ast.Call) and dotted(decorator.func).rpartition(".")[2] in _DEFINERS:
            name = decorator.args[0] if decorator.args else None
            return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else "?"
    return None


def called(name: str) -> str | None:
    """The operator behind "torch.ops.mine.twice", None where it is one of torch's."""
    if not name.startswith("torch.ops."):
        return None
    namespace, _, operator = name.removeprefix("torch.ops.").partition(".")
    return f"{namespace}::{operator.partition('.')[0]}" if operator and namespace not in _FAMILIAR else None

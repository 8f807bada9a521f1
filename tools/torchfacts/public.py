"""Everything public in torch that can be called, and its overloads as torch declares them."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import torch
from torch.testing._internal.common_methods_invocations import op_db

from torchfacts.overloads import Overload, schema_overloads, signature_overload, stub_overloads

NAMESPACES = (
    "torch",
    "torch.Tensor",
    "torch.amp",
    "torch.autograd",
    "torch.compiler",
    "torch.cuda",
    "torch.distributed",
    "torch.fft",
    "torch.func",
    "torch.jit",
    "torch.linalg",
    "torch.masked",
    "torch.nested",
    "torch.nn",
    "torch.nn.functional",
    "torch.nn.init",
    "torch.nn.utils.rnn",
    "torch.onnx",
    "torch.signal.windows",
    "torch.sparse",
    "torch.special",
)
# Builtins of these namespaces have no stub; their operators are named with this prefix.
PREFIX = {"torch.linalg": "linalg_", "torch.fft": "fft_", "torch.special": "special_", "torch.sparse": "sparse_"}
STUBS = {
    "torch": (("_C/_VariableFunctions.pyi", None),),
    "torch.Tensor": (("_C/__init__.pyi", "TensorBase"),),
    "torch.nn.functional": (("nn/functional.pyi", None), ("_C/_nn.pyi", None), ("_C/_VariableFunctions.pyi", None)),
}


def public_names() -> Iterator[tuple[str, str, object]]:
    """(namespace, name, value) of everything public that can be called, and of Tensor's properties."""
    # what torch takes for an operator though its name says private: torch._safe_softmax
    private = {f"torch.{info.name.removeprefix('torch.ops.aten.').removesuffix('.default')}" for info in op_db}
    for namespace in NAMESPACES:
        owner = torch.Tensor if namespace == "torch.Tensor" else importlib.import_module(namespace)
        for name in sorted(dir(owner)):
            value = inspect.getattr_static(owner, name) if owner is torch.Tensor else getattr(owner, name)
            if owner is torch.Tensor:
                inherited = inspect.getattr_static(object, name, None) is value
                wanted = not inherited and (not name.startswith("_") or (name.endswith("__") and callable(value)))
            else:
                hidden = name.startswith("_") and f"{namespace}.{name}" not in private
                wanted = not hidden and callable(value) and _is_torchs(value)
            if namespace == "torch.distributed":
                wanted = wanted and (name.startswith("is_") or name in ("get_rank", "get_world_size"))
            if wanted:
                yield namespace, name, value


def _is_torchs(value: object) -> bool:
    module = getattr(value, "__module__", None) or "torch"
    return module.startswith("torch") and not isinstance(value, type(sys))


_stub = cache(stub_overloads)


def overloads_of(namespace: str, name: str, value: object) -> list[Overload]:
    """Every overload that torch declares: from the stub, else the Python signature, else the operator's schema.

    Those of a class are its constructor's.
    """
    if isinstance(value, type):
        constructor = signature_overload(value)
        return [constructor] if constructor else []
    for file, class_name in STUBS.get(namespace, ()):
        stub = _stub(file, class_name)
        if name in stub:
            return stub[name]
    if inspect.isfunction(value) or inspect.ismethod(value):
        signature = signature_overload(value, skip_self=namespace == "torch.Tensor")
        if signature is not None and signature.returns:
            return [signature]
        schemas = schema_overloads(PREFIX.get(namespace, "") + name)
        if signature is None:
            return []
        return [replace(signature, returns=schemas[0].returns if schemas else "")]
    schemas = schema_overloads(PREFIX.get(namespace, "") + name)
    return [_as_in_python(namespace, schema) for schema in schemas]


def _as_in_python(namespace: str, schema: Overload) -> Overload:
    """A schema's overload as Python sees it: methods without self, which functions call "input"."""
    if namespace == "torch.Tensor":
        return replace(schema, parameters=schema.parameters[1:])
    named = tuple(replace(p, name="input") if p.name == "self" else p for p in schema.parameters)
    return replace(schema, parameters=named)

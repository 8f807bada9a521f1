"""What came back when torch's own samples (OpInfos and ModuleInfos) were run: kinds, counts, dtypes."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterable

import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.common_modules import module_db

_SAMPLES = 12
_DTYPES = (torch.float32, torch.int32)


def kind_of_value(value: object) -> str:
    """The kind of one returned value, with its dtype where that is bool or int64."""
    if isinstance(value, torch.Tensor):
        return {torch.bool: "tensor:bool", torch.int64: "tensor:int"}.get(value.dtype, "tensor")
    if isinstance(value, tuple | list):
        parts = [kind_of_value(part) for part in value]
        if all(part.startswith("tensor") and not part.startswith("tensors") for part in parts):
            fields = getattr(type(value), "__match_args__", ()) or getattr(type(value), "_fields", ())
            names = f":{','.join(fields)}" if isinstance(value, tuple) and fields else ""
            return f"tensors:{len(parts)}{names}"
        return "tuple:" + ",".join(part.split(":")[0] if part.startswith("tensor:") else part for part in parts)
    return {bool: "bool:static", int: "int:static", type(None): "none"}.get(type(value), "static")


def summary(kinds: Iterable[str]) -> str:
    """One kind for all that was seen: tensors of mixed dtype are "tensor", of mixed count "tensors"."""
    seen = set(kinds)
    if len(seen) == 1:
        return seen.pop()
    if all(kind in ("tensor", "tensor:bool", "tensor:int") for kind in seen):
        return "tensor"
    if all(kind.startswith("tensors") for kind in seen):
        return "tensors"
    return "mixed"


def operators() -> dict[str, str]:
    """Kind by public name ("torch.linalg.svd", and "torch.Tensor.svd" where torch has such a method)."""
    seen: dict[str, set[str]] = defaultdict(set)
    for info in op_db:
        path = info.name
        functions = [path, *(alias.name for alias in info.aliases)]
        targets = [(f"torch.{one}", info.op) for one in functions if callable(_resolve(one))]
        if info.get_method() is not None:
            methods = [one for one in functions if "." not in one and hasattr(torch.Tensor, one)]
            targets += [(f"torch.Tensor.{one}", info.get_method()) for one in methods]
        for dtype in _DTYPES:
            if not targets or dtype not in info.dtypes:
                continue
            for sample in _samples(info, dtype):
                for name, function in targets:
                    value = _call(function, (sample.input, *sample.args), sample.kwargs)
                    if value is not _FAILED:
                        seen[name].add(kind_of_value(value))
    return {name: summary(kinds) for name, kinds in seen.items()}


def modules() -> dict[str, str]:
    """Kind by module class ("torch.nn.LSTM"): what calling an instance returned."""
    seen: dict[str, set[str]] = defaultdict(set)
    for info in module_db:
        inputs = info.module_inputs_func(info, device="cpu", dtype=torch.float32, requires_grad=False, training=False)
        for given in inputs:
            if given.forward_input is None:
                continue
            module = info.module_cls(*given.constructor_input.args, **given.constructor_input.kwargs)
            value = _call(module, given.forward_input.args, given.forward_input.kwargs)
            if value is not _FAILED:
                seen[f"torch.nn.{info.module_cls.__name__}"].add(kind_of_value(value))
    return {name: summary(kinds) for name, kinds in seen.items()}


_FAILED = object()


def _call(function: object, args: tuple, kwargs: dict) -> object:
    """The returned value, or `_FAILED`: many samples fit only one of the function and the method."""
    try:
        with torch.no_grad():
            return function(*args, **kwargs)
    except (TypeError, RuntimeError, ValueError, NotImplementedError, AttributeError):
        return _FAILED


def _samples(info: object, dtype: torch.dtype) -> list:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        samples = info.sample_inputs("cpu", dtype, requires_grad=False)
        return [sample for sample, _ in zip(samples, range(_SAMPLES), strict=False)]


def _resolve(path: str) -> object:
    value = torch
    for part in path.split("."):
        value = getattr(value, part, None)
    return value

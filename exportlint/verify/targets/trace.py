"""torch.jit.trace: saved, read back and run."""

from __future__ import annotations

import warnings
from typing import Any

import torch

from exportlint.verify.structure import NUMBERS, tensors
from exportlint.verify.targets import Call, Exported, Request
from exportlint.verify.targets.torchscript import Loaded


class _Fixed(torch.nn.Module):
    """Calls a model with some arguments fixed: tracing takes tensors only, Python values become part of the graph."""

    def __init__(self, model: torch.nn.Module, fixed: dict[str, Any], names: list[str], call: Call) -> None:
        super().__init__()
        self.model = model
        self._fixed, self._names, self._call = fixed, names, call

    def forward(self, *tensors: torch.Tensor) -> Any:
        call = self._call.with_leaves({**self._fixed, **dict(zip(self._names, tensors, strict=True))})
        return self.model(*call.args, **call.kwargs)


def export(request: Request) -> Exported:
    """Traces the model on the example. Python arguments are fixed, as tracing does."""
    call = request.call
    flat = call.leaves()
    fixed = {name: leaf for name, leaf in flat.items() if leaf is None or isinstance(leaf, (*NUMBERS, str))}
    arguments = {name: value for name, value in call.by_parameter().items() if value is not None}
    plainly = not any(leaf is not None for leaf in fixed.values()) and set(fixed) <= set(call.by_parameter())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        if not plainly:
            names = [name for name in flat if name not in fixed]
            inputs = tuple(flat[name] for name in names)
            module = torch.jit.trace(_Fixed(request.model, fixed, names, call), inputs, check_trace=False)
        elif call.kwargs or fixed:
            module = torch.jit.trace(request.model, example_kwarg_inputs=arguments, check_trace=False)
        else:
            module = torch.jit.trace(request.model, call.args, check_trace=False)
        file = request.folder / "model.pt"
        torch.jit.save(module, str(file))
    loaded = Loaded(file)

    def run(call: Call) -> Any:
        if not plainly:
            return loaded.module(*(leaf for _, leaf in tensors(call.by_parameter())))
        if call.kwargs or fixed:
            return loaded.module(**{name: value for name, value in call.by_parameter().items() if value is not None})
        return loaded.module(*call.args)

    return Exported(run, (file,), reload=loaded.reload)

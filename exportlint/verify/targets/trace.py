"""torch.jit.trace: saved, read back and run."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch

from exportlint.verify.targets import Call, Exported, Request
from exportlint.verify.targets.torchscript import Loaded


def export(request: Request) -> Exported:
    """Traces the model on the example. Arguments that are None are left out; other Python values tracing refuses."""
    by_name = bool(request.call.kwargs) or any(value is None for value in request.call.args)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        if by_name:
            module = torch.jit.trace(request.model, example_kwarg_inputs=_given(request.call), check_trace=False)
        else:
            module = torch.jit.trace(request.model, request.call.args, check_trace=False)
        file = request.folder / "model.pt"
        torch.jit.save(module, str(file))
    loaded = Loaded(file)

    def called(module: Any) -> Callable[[Call], Any]:
        return lambda call: module(**_given(call)) if by_name else module(*call.args)

    return Exported(lambda call: called(loaded.module)(call), (file,), reload=loaded.reload, called=called)


def _given(call: Call) -> dict[str, Any]:
    return {name: value for name, value in call.by_parameter().items() if value is not None}

"""torch.jit.script: saved, read back and run."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch

from exportlint.verify.structure import NUMBERS
from exportlint.verify.targets import Call, Exported, Request
from exportlint.verify.targets.torchscript import Loaded


def export(request: Request) -> Exported:
    """Compiles the model. Python arguments stay arguments."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        module = torch.jit.script(request.model)
        file = request.folder / "model.pt"
        torch.jit.save(module, str(file))
    loaded = Loaded(file)
    plain = frozenset(name for name, leaf in request.call.leaves().items() if isinstance(leaf, NUMBERS))

    def called(module: Any) -> Callable[[Call], Any]:
        return lambda call: module(*call.args, **call.kwargs)

    return Exported(
        lambda call: called(loaded.module)(call), (file,), plain_inputs=plain, reload=loaded.reload, called=called
    )

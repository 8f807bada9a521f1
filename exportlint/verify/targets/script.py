"""torch.jit.script: saved, read back and run."""

from __future__ import annotations

import warnings

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

    def run(call: Call) -> object:
        return loaded.module(*call.args, **call.kwargs)

    return Exported(run, (file,), plain_inputs=plain, reload=loaded.reload)

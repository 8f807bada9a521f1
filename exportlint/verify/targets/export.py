"""torch.export.export: saved, read back and run."""

from __future__ import annotations

from pathlib import Path

import torch

from exportlint.verify.targets import Call, Exported, Request


def export(request: Request) -> Exported:
    """Exports with the dynamic axes of the spec; dimensions of one name are one symbol."""
    symbols: dict[str, object] = {}

    def symbol(label: str) -> object:
        return symbols.setdefault(label, torch.export.Dim(label))

    shapes = request.dynamic_shapes(symbol)
    program = torch.export.export(request.model, request.call.args, dict(request.call.kwargs), dynamic_shapes=shapes)
    file = request.folder / "model.pt2"
    torch.export.save(program, str(file))
    loaded = _Loaded(file)

    def run(call: Call) -> object:
        return loaded.module(*call.args, **call.kwargs)

    return Exported(run, (file,), reload=loaded.reload)


class _Loaded:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.reload()

    def reload(self) -> None:
        self.module = torch.export.load(str(self.file)).module()

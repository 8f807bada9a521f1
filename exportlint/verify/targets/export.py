"""torch.export.export: run as a module, after a round trip through a file where it survives one."""

from __future__ import annotations

from pathlib import Path

import torch

from exportlint.verify.targets import Call, Exported, Request


def export(request: Request) -> Exported:
    """Exports with the dynamic axes of the spec, their ranges inferred. A program that cannot be saved is noted."""
    shapes = request.dynamic_shapes(lambda label: torch.export.Dim.DYNAMIC)
    program = torch.export.export(request.model, request.call.args, dict(request.call.kwargs), dynamic_shapes=shapes)
    file = request.folder / "model.pt2"
    runnable = _Runnable(program, file)

    def run(call: Call) -> object:
        return runnable.module(*call.args, **call.kwargs)

    files = (file,) if runnable.saved == "ok" else ()
    return Exported(run, files, reload=runnable.reload, notes={"saved": runnable.saved})


class _Runnable:
    """The program as a module, read back from `file` if it could be written; `saved` is "ok" or says why not."""

    def __init__(self, program: torch.export.ExportedProgram, file: Path) -> None:
        self.program, self.file = program, file
        try:
            torch.export.save(program, str(file))
            self.saved = "ok"
        except Exception as error:  # the serialiser has no schema for all that torch.export takes; it runs nevertheless
            self.saved = f"failed: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        self.reload()

    def reload(self) -> None:
        program = torch.export.load(str(self.file)) if self.saved == "ok" else self.program
        self.module = program.module()

"""torch.jit.optimize_for_inference, saved and read back, agrees with eager PyTorch."""

from __future__ import annotations

import warnings

import torch

from exportlint.verify.check import Check
from exportlint.verify.endings import Failed
from exportlint.verify.subject import Subject


def run(subject: Subject) -> str:
    """The largest difference, before saving and after."""
    file = subject.folder / "optimized.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        optimised = torch.jit.optimize_for_inference(torch.jit.load(str(subject.file)).eval())
        before = subject.agree(subject.exported.called(optimised), "optimised")
        torch.jit.save(optimised, str(file))
        try:
            loaded = torch.jit.load(str(file))
        except RuntimeError as error:
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            raise Failed(f"it agrees, but its file cannot be read back: {lines[0] if lines else error}") from error
    after = subject.agree(subject.exported.called(loaded), "optimised, read back")
    return f"largest difference {max(before, after):.2g}"


CHECK = Check(("trace", "script"), run)

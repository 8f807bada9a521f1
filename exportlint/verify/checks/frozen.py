"""torch.jit.freeze (weights folded into the graph), saved and read back, agrees with eager PyTorch."""

from __future__ import annotations

import warnings

import torch

from exportlint.verify.check import Check
from exportlint.verify.subject import Subject


def run(subject: Subject) -> str:
    """The size of the file, and the largest difference."""
    file = subject.folder / "frozen.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(torch.jit.freeze(torch.jit.load(str(subject.file)).eval()), str(file))
        loaded = torch.jit.load(str(file))
    largest = subject.agree(subject.exported.called(loaded), "frozen")
    return f"{file.stat().st_size:,} bytes of {subject.size:,}, largest difference {largest:.2g}"


CHECK = Check(("trace", "script"), run)

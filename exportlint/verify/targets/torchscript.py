"""A TorchScript file read back."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch


class Loaded:
    """The module in a file; `reload` reads it again, in its first state."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.reload()

    def reload(self) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            self.module = torch.jit.load(str(self.file))

"""vit-pytorch: the last class of each module whose constructor is understood, and the examples of its README."""

from __future__ import annotations

import importlib
import pkgutil

import torch
from torch import nn

from truth import readme
from truth.called import Built, fitting, from_parameters

_VALUES = {
    "image_size": 32, "patch_size": 8, "num_classes": 10, "dim": 32, "depth": 2, "heads": 2, "mlp_dim": 64, "frames": 4,
    "image_patch_size": 8, "frame_patch_size": 2, "seq_len": 64, "max_frames": 4, "channels": 3, "spatial_depth": 1,
    "temporal_depth": 1, "dim_head": 16,
}  # fmt: skip
_SHAPES = ((2, 3, 32, 32), (2, 3, 4, 32, 32), (2, 3, 64), (2, 16, 32), (2, 32, 8, 8))


def names() -> list[str]:
    """Modules, then blocks of the README."""
    modules = pkgutil.iter_modules(importlib.import_module("vit_pytorch").__path__)
    return [*sorted(found.name for found in modules), *readme.names("vit-pytorch")]


def build(name: str) -> Built:
    """One of `names()`."""
    if name.startswith("readme-"):
        return readme.build("vit-pytorch", name)
    module = importlib.import_module(f"vit_pytorch.{name}")
    own = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, nn.Module)]
    for cls in reversed([c for c in own if c.__module__ == module.__name__]):
        try:
            model = from_parameters(cls, _VALUES)
            return fitting(model, (((torch.randn(shape),), {}) for shape in _SHAPES))
        except (LookupError, TypeError, AssertionError, RuntimeError):
            continue
    raise LookupError("no class that can be built and called")

"""kornia: the layers of its public packages that take images and need no argument, or arguments that are understood."""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import nn

from truth.called import Built, fitting, from_parameters

_PACKAGES = "color contrib enhance feature filters geometry.transform losses metrics morphology".split()
_VALUES: dict[str, Any] = {
    "kernel_size": 3, "sigma": (1.0, 1.0), "angle": 30.0, "gamma": 1.5, "factor": 0.5, "size": (16, 16),
    "num_features": 8, "patch_size": 16, "low_threshold": 0.1, "dsize": (16, 16),
    "scale_factor": torch.tensor([1.5]), "brightness_factor": 0.2, "contrast_factor": 1.2, "gamma_factor": 1.2,
    "saturation_factor": 1.2, "hue_factor": 0.1, "window_size": 3, "max_val": 1.0, "num_scales": 2,
    "num_iterations": 2, "d": 4, "num_class": 3, "in_channels": 3, "translation": torch.tensor([[1.0, 2.0]]),
    "center": torch.tensor([[8.0, 8.0]]), "kernel": torch.ones(3, 3), "alpha": 0.5,
}  # fmt: skip


def names() -> list[str]:
    """`package:class`."""
    found = []
    for package in _PACKAGES:
        module = importlib.import_module(f"kornia.{package}")
        found += [f"{package}:{n}" for n, c in sorted(vars(module).items()) if _is_layer(c)]
    return found


def build(name: str) -> Built:
    """One of `names()`."""
    package, _, cls = name.partition(":")
    model = from_parameters(getattr(importlib.import_module(f"kornia.{package}"), cls), _VALUES)
    images = [torch.rand(2, channels, 32, 32) for channels in (3, 1)]
    return fitting(model, [*(((image,), {}) for image in images), *(((image, image.flip(-1)), {}) for image in images)])


def _is_layer(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, nn.Module) and value.__module__.startswith("kornia.")

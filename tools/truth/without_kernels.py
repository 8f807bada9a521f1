"""Imports torchvision where its kernels do not load: a wheel built for CUDA beside a torch for CPUs.

The packages measured here ask for its transforms at import and never call a kernel. What it looks for are operators of
these names; any schema will do.
"""

from __future__ import annotations

import contextlib
import importlib
import sys

import torch

_OPERATORS = (
    "nms qnms roi_align qroi_align roi_pool ps_roi_align ps_roi_pool deform_conv2d _roi_align_backward "
    "_roi_pool_backward _ps_roi_align_backward _ps_roi_pool_backward _deform_conv2d_backward"
).split()
_LIBRARY = torch.library.Library("torchvision", "FRAGMENT")


def import_torchvision() -> None:
    """Import torchvision, with operators of no use where it has none. Raises ImportError where it is not installed."""
    try:
        importlib.import_module("torchvision")
    except (RuntimeError, AttributeError):  # what torch says of an operator that is not there
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        for operator in _OPERATORS:
            with contextlib.suppress(RuntimeError):  # the import got so far before it failed
                _LIBRARY.define(f"{operator}(Tensor x) -> Tensor")
        importlib.import_module("torchvision")

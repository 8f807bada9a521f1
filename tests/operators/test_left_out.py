"""Calls of which sizes decide whether they export: the table of single operations has no say on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from exportlint.check import check
from exportlint.config import Settings

NET = """import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor):
        return torch.cdist(x, y{})
"""
CALLS = {"": True, ", p=2": True, ", p=1.0": False, ", compute_mode='donot_use_mm_for_euclid_dist'": False}
"""How distances are asked for, and whether a product of matrices may give them, which exports."""


@pytest.mark.parametrize("call", CALLS)
def test_distances_that_a_product_may_give_are_not_told(call: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET.format(call))
    report = check([tmp_path / "net.py"], Settings(targets=("onnx",), root=tmp_path), cache=False)
    assert (not report.findings) is CALLS[call]


@pytest.mark.torch
@pytest.mark.parametrize("call", CALLS)
def test_many_rows_are_multiplied(call: str, tmp_path: Path) -> None:
    import torch

    (tmp_path / "net.py").write_text(NET.format(call))
    names: dict = {}
    exec((tmp_path / "net.py").read_text(), names)
    inputs = (torch.randn(2, 30, 4), torch.randn(2, 3, 4))
    try:
        torch.onnx.export(names["Net"](), inputs, tmp_path / "net.onnx", dynamo=True, verbose=False)
    except torch.onnx.errors.OnnxExporterError:
        assert not CALLS[call]
    else:
        assert CALLS[call]

"""Models that choose with torch.cond: eager mode compiles each choice, which modes must not spoil for later runs."""

from __future__ import annotations

import pytest

from exportlint.verify.contract import Job

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]

MODEL = """\
import torch
from torch import nn


class Depth(nn.Module):
    def __init__(self):
        super().__init__()
        self.deep = nn.Sequential(nn.Linear(5, 5), nn.Softplus())

    def forward(self, x):
        return torch.cond(x.mean() > 0, lambda: self.deep(x), lambda: x.exp())
"""


@pytest.mark.parametrize("target", ["export", "onnx"])
def test_a_choice_is_verified_on_both_sides(target: str, tmp_path):
    from exportlint.verify.worker import Attempt

    (tmp_path / "net.py").write_text(MODEL, "utf-8")
    inputs = {"x": "float32[2, 5]"}
    result = Attempt(Job("net.py::Depth", str(tmp_path), target, inputs=inputs, seconds=20.0), tmp_path).result()
    assert result.status == "ok", result.reason
    assert result.inputs_tried > 1


def test_operators_of_the_chosen_arm_are_seen_and_the_next_run_works():
    from exportlint.verify.watching import Watching

    class Names(Watching):
        def __init__(self):
            super().__init__()
            self.names = []

        def operator(self, func, args, kwargs):
            self.names.append(func.overloadpacket.__name__)
            return func(*args, **kwargs)

    def choose(x):
        return torch.cond(x.sum() > 0, lambda: x.sin(), lambda: x.cos())

    for x, inside, outside in ((torch.ones(3), "sin", "cos"), (-torch.ones(3), "cos", "sin")):
        expected = choose(x)
        with torch.no_grad(), Names() as watching:
            answer = choose(x)
        assert inside in watching.names
        assert outside not in watching.names
        assert torch.equal(answer, expected)
        assert torch.equal(choose(x), expected)

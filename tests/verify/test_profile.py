"""The difference along the model: what a report plots."""

from __future__ import annotations

import pytest

from exportlint.verify.contract import ERROR_EDGES
from tests.verify.conftest import Verify

pytestmark = pytest.mark.torch

FROZEN_IN_THE_MIDDLE = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.last = nn.Linear(4, 3)

    def forward(self, x):
        h = self.first(x).tanh()
        if x.sum() > 0:
            h = h + 3
        return self.last(h)


def inputs():
    return (torch.ones(2, 4),)
"""


@pytest.mark.parametrize("target", ["trace", "onnx-ts"])
def test_stages_agree_up_to_the_line_where_the_runs_part(verify: Verify, target: str) -> None:
    result = verify(FROZEN_IN_THE_MIDDLE, target)
    assert result.status == "mismatch"
    stages = {stage.line: stage for stage in result.divergence}
    assert stages[12].operator == "tanh"
    assert stages[12].error is not None
    assert stages[12].error < 1e-6
    assert stages[15].error is not None
    assert stages[15].error > 1e-2
    assert [stage.line for stage in result.divergence] == sorted(stages), "in the order of execution"
    assert sum(result.histogram) == 6
    assert len(result.histogram) == len(ERROR_EDGES) + 2


def test_a_model_that_agrees_has_none(verify: Verify) -> None:
    result = verify(FROZEN_IN_THE_MIDDLE, "script")
    assert (result.status, result.divergence, result.histogram) == ("ok", (), ())


def test_a_long_model_is_thinned_out(verify: Verify) -> None:
    body = "\n".join(f"        x = x * 1.0{number:03}" for number in range(100))
    source = (
        "\nclass Net(nn.Module):\n    def forward(self, x):\n        if x.sum() > 0:\n            x = x + 1\n" + body
    )
    source += "\n        return x\n\n\ndef inputs():\n    return (torch.ones(3),)\n"
    result = verify(source, "trace")
    assert result.status == "mismatch"
    assert 32 < len(result.divergence) <= 64


def test_the_export_of_a_scripted_module_fails_like_any_other(verify: Verify) -> None:
    source = FROZEN_IN_THE_MIDDLE + "\n\ndef scripted():\n    return torch.jit.script(Net())\n"
    result = verify(source, "export", entry="scripted")
    assert result.status == "export-failed"
    assert "ScriptModule" in result.reason

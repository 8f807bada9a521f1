"""The tolerance comes from eager mode's own rounding error: what is quiet is held to it, what is loud is not blamed."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.verify.conftest import Verify

torch = pytest.importorskip("torch")

from exportlint.verify import targets  # noqa: E402  torch may be absent
from exportlint.verify.eager import Eager  # noqa: E402
from exportlint.verify.frames import UserCode  # noqa: E402
from exportlint.verify.judging.noise import measured  # noqa: E402
from exportlint.verify.judging.tolerance import Noise  # noqa: E402
from exportlint.verify.targets import Call, Exported, Request  # noqa: E402

pytestmark = pytest.mark.torch
FLIPS = """
class Net(nn.Module):
    def forward(self, x):
        scale = 1.0
        if x.sum() < 0:
            scale = 1.0 + {by}
        return x.to(torch.{dtype}) * scale

def inputs():
    return (torch.rand(2, 3),)
"""
DEEP = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.ModuleList(nn.Linear(64, 64) for _ in range(12)){half}
        self.norms = nn.ModuleList(nn.LayerNorm(64) for _ in range(12)){half}

    def forward(self, x):
        x = x{cast}
        for layer, norm in zip(self.layers, self.norms):
            x = x + F.gelu(norm(layer(x)))
        return x{back}

def inputs():
    return (torch.rand(4, 64){given},)
"""

NORMALISED = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bias = nn.Parameter(torch.full((64,), 0.375))

    def forward(self, x):
        x = x * 0.3 + self.bias
        return (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, keepdim=True) + 1e-12)

def inputs():
    return (torch.randn(2, 64),)
"""


def noise_of(model: torch.nn.Module, *args: torch.Tensor) -> Noise:
    eager, call = Eager(model.eval(), UserCode(Path(__file__).parent)), Call(args)
    return measured(eager, call, 0, eager.run(call, 0))


def test_rounding_is_measured_beside_the_output() -> None:
    one = torch.nn.Linear(64, 64)
    torch.nn.init.ones_(one.weight)
    x = torch.linspace(0.1, 1.0, 64)[None]
    quiet, small = noise_of(one, x), noise_of(one, x * 1e-3)
    assert 2.0**-24 <= quiet.relative[""] < 1e-6
    assert small.relative[""] == pytest.approx(quiet.relative[""], rel=5)
    assert quiet.coarsest is torch.float32


def test_an_ill_conditioned_model_is_noisy_although_it_cannot_be_run_in_float64() -> None:
    class Cancelling(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            assert x.dtype == torch.float32
            return (x + 1000.3) - 1000.3

    found = noise_of(Cancelling(), torch.rand(8))
    assert not found.exact
    assert 1e-5 < found.relative[""] < 1e-2


def test_whole_numbers_are_not_moved() -> None:
    class Counted(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return (x > 0).float().sum(-1).long()

    found = noise_of(Counted(), torch.ones(2, 3))
    assert not found.relative
    assert found.exact == {"": 0.0}


@pytest.mark.parametrize(
    ("dtype", "by", "status"),
    [("float32", 1e-5, "mismatch"), ("float32", 1e-7, "ok"), ("float64", 1e-12, "mismatch"), ("float16", 1e-5, "ok")],
)
def test_a_subtle_fault_is_one_where_the_model_is_quieter(verify: Verify, dtype: str, by: float, status: str) -> None:
    result = verify(FLIPS.format(dtype=dtype, by=by), "trace")
    assert result.status == status, result.reason
    if status == "mismatch":
        assert result.line == 8
        assert result.expected != result.got


@pytest.mark.parametrize("target", ["onnx", "export"])
@pytest.mark.parametrize(
    "how",
    [
        {"half": ".half()", "cast": "", "back": "", "given": ".half()"},
        {"half": ".half()", "cast": ".half()", "back": ".float()", "given": ""},
        {"half": "", "cast": "", "back": "", "given": ""},
    ],
    ids=["float16", "float16 inside float32", "float32"],
)
def test_a_good_model_passes_at_its_own_precision(verify: Verify, target: str, how: dict[str, str]) -> None:
    result = verify(DEEP.format(**how), target)
    assert result.status == "ok", result.reason
    assert result.times_noise is not None
    assert result.times_noise < 16


@pytest.mark.parametrize(("by", "status"), [(1, "ok"), (100_000, "mismatch")])
def test_equal_values_that_are_normalised_show_nothing_but_rounding(
    verify: Verify, monkeypatch: pytest.MonkeyPatch, by: int, status: str
) -> None:
    """Of zeros the mean is exact here and the variance none: a runtime that rounds otherwise divides by nearly nothing.

    One that is off by more units in the last place than rounding explains is wrong on other inputs too.
    """

    def rounded(target: str, request: Request) -> Exported:
        model = deepcopy(request.model)
        units = torch.arange(64) % 2 * by
        model.bias.data = (model.bias.data.view(torch.int32) + units.int()).view(torch.float32)

        def run(call: Call) -> Any:
            with torch.no_grad():
                return model(*call.args)

        return replace(export_to(target, request), run=run)

    export_to = targets.export_to
    monkeypatch.setattr(targets, "export_to", rounded)
    assert verify(NORMALISED, "export").status == status


SHIFTED = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.conv.bias.data += 30.0
        self.norm = nn.GroupNorm(2, 8)

    def forward(self, x):
        return self.norm(self.conv(x)){wrong}

def inputs():
    return (torch.randn(1, 3, 32, 32),)
"""


@pytest.mark.parametrize(("wrong", "status"), [("", "ok"), (" * (1.0 if x.std() > 0.1 else 1.001)", "mismatch")])
def test_a_constant_image_is_normalised_less_exactly_by_onnx_runtime(verify: Verify, wrong: str, status: str) -> None:
    """ONNX Runtime is 25 times as far off as eager mode there, and as exact as that on an image close by."""
    assert verify(SHIFTED.format(wrong=wrong), "onnx-ts").status == status

"""Checks beyond the export: models on which each holds, and on which each fails."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from pathlib import Path

import pytest

from exportlint.mistake import UserMistake
from exportlint.verify import check
from exportlint.verify.clock import Clock
from tests.verify.conftest import Verify

MAC = sys.platform == "darwin"
needs_torch = pytest.mark.torch

GOOD = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 32), nn.ReLU())
        self.head = nn.Linear(32, 5)

    def forward(self, x):
        return self.head(self.body(x))
"""
IMAGE = {"x": "float32[2, 3, 8, 8]"}
OVERFLOWS = """
class Net(nn.Module):
    def forward(self, x):
        return (x * 4e2 * 4e2).abs().sqrt()
"""
HEAVY = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.full((4,), 1e5))

    def forward(self, x):
        return x * self.weight
"""
OUTLIER = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(16, 16)
        with torch.no_grad():
            self.layer.weight[0, 0] = 1e4

    def forward(self, x):
        y = self.layer(x)
        return y[:, :1], y[:, 1:]
"""
UNKNOWN_TO_PHONES = """
class Net(nn.Module):
    def forward(self, x):
        return x.cumsum(1).cumsum(0)
"""
CONVOLVED = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        return self.layer(x)
"""
ROW = {"x": "float32[4, 4]"}


def test_every_file_is_a_check_and_says_what_it_is() -> None:
    folder = Path(check.__file__).parent / "checks"
    assert check.names() == tuple(sorted(f.stem.replace("_", "-") for f in folder.glob("[a-z]*.py")))
    assert check.chosen(["all"], "--check") == check.names()
    assert check.chosen(["latency", "half-precision"], "--check") == ("half-precision", "latency")


def test_every_check_has_its_line_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs/checks.md").read_text("utf-8")
    assert {name for name in check.names() if f"\n| `{name}` |" in page} == set(check.names())


def test_a_check_that_does_not_exist_is_a_mistake() -> None:
    with pytest.raises(UserMistake, match=r'checks: "half-precison" is none of .*did you mean "?half-precision'):
        check.chosen(["half-precison"], "checks")


@needs_torch
@pytest.mark.parametrize("target", ["onnx-ts", "trace"])
def test_a_good_model_passes_each(verify: Verify, target: str) -> None:
    wanted = tuple(name for name in check.names() if name != "optimized-for-inference")
    result = verify(GOOD, target, inputs=IMAGE, checks=wanted)
    assert result.status == "ok", result.reason
    assert result.checks["latency"].startswith("ok: ")
    for name, said in result.checks.items():
        if name in wanted and not (name in ("coreml", "simplified") and said.endswith("not installed")):
            assert said.startswith("ok: "), (name, said)


@needs_torch
def test_each_check_says_so_when_it_was_not_asked_for(verify: Verify) -> None:
    result = verify(GOOD, "trace", inputs=IMAGE)
    assert result.checks["frozen"] == "skipped: not asked for"


@needs_torch
@pytest.mark.parametrize(
    ("source", "target", "name", "inputs", "said"),
    [
        (OVERFLOWS, "onnx-ts", "half-precision", ROW, "overflows: "),
        (HEAVY, "onnx-ts", "half-precision", ROW, "above 65504"),
        (OUTLIER, "onnx-ts", "quantized-dynamic", {"x": "float32[4, 16]"}, "% off"),
        (OUTLIER, "onnx-ts", "quantized-static", {"x": "float32[4, 16]"}, "% off"),
        (UNKNOWN_TO_PHONES, "onnx-ts", "mobile", ROW, "neither NNAPI nor Core ML"),
        (CONVOLVED, "trace", "optimized-for-inference", IMAGE, "cannot be read back"),
    ],
)
def test_a_check_that_fails_fails_the_model(
    verify: Verify, source: str, target: str, name: str, inputs: dict[str, str], said: str
) -> None:
    result = verify(source, target, inputs=inputs, checks=(name,))
    assert result.checks[name].startswith("failed: "), result.checks
    assert said in result.checks[name]
    assert result.status == "mismatch"
    assert result.reason.startswith(f"the export agrees, but a check beyond it fails: {name}: ")


@needs_torch
def test_nothing_to_quantise_is_no_failure(verify: Verify) -> None:
    result = verify(UNKNOWN_TO_PHONES, "onnx-ts", inputs=ROW, checks=("quantized-dynamic",))
    said = "skipped: nothing to quantise: no operator of the graph has a quantised form"
    assert (result.status, result.checks["quantized-dynamic"]) == ("ok", said), result.reason


@needs_torch
def test_core_ml_says_that_it_only_converts_here(verify: Verify) -> None:
    """Only where coremltools is installed; it is in no extra, since it is of use on one platform."""
    pytest.importorskip("coremltools")
    for target in ("trace", "export"):
        said = verify(GOOD, target, inputs=IMAGE, checks=("coreml",)).checks["coreml"]
        assert said.startswith("ok: converted, 1 outputs; predicting needs macOS" if not MAC else "ok: answers"), said
    unknown = "class Net(nn.Module):\n    def forward(self, x):\n        return torch.linalg.slogdet(x)[1]\n"
    said = verify(unknown, "trace", inputs=ROW, checks=("coreml",)).checks["coreml"]
    assert said.startswith("failed: "), said


@needs_torch
@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("onnx-ts", "optimization-levels"),
        ("onnx-ts", "simplified"),
        ("onnx-ts", "ort-format"),
        ("onnx-ts", "session-options"),
        ("trace", "frozen"),
        ("trace", "optimized-for-inference"),
    ],
)
def test_a_version_that_answers_otherwise_is_noticed(target: str, name: str, tmp_path: Path) -> None:
    """No model is known that ONNX Runtime's optimisations break today: the versions are made to be off by one."""
    if name == "simplified":
        pytest.importorskip("onnxslim")
    import torch

    from exportlint.verify.eager import Eager
    from exportlint.verify.frames import UserCode
    from exportlint.verify.subject import Subject
    from exportlint.verify.targets import Call, Request, export_to

    model = torch.nn.Sequential(torch.nn.Linear(4, 3)).eval()
    call = Call((torch.ones(2, 4),), {}, inspect.signature(model.forward))
    eager = Eager(model, UserCode(tmp_path))
    exported = export_to(target, Request(model, call, {}, None, tmp_path))
    kind = "opened" if exported.flat else "called"
    real = getattr(exported, kind)

    def off(*arguments):
        run = real(*arguments)
        return lambda given: [leaf + 1 for leaf in run(given)] if exported.flat else run(given) + 1

    wrong = dataclasses.replace(exported, **{kind: off})
    for tried, begins in ((exported, "ok: "), (wrong, "failed: ")):
        subject = Subject(tried, eager, call, 0, tmp_path)
        said = check.checked((name,), target, subject, Clock(float("inf")))[name]
        assert said.startswith(begins), said
    assert "the values differ" in said


@needs_torch
def test_no_check_begins_after_the_deadline(tmp_path: Path) -> None:
    said = check.checked(("latency",), "export", None, Clock(0.0))
    assert said["latency"] == "skipped: no time left"

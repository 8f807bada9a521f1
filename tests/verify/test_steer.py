"""Decisions that random inputs leave one-sided: sizes, values and slopes that lead to their other side."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from exportlint.verify.frames import UserCode  # noqa: E402
from exportlint.verify.searching.decisions import recorded  # noqa: E402  torch may be absent
from tests.verify.conftest import Verify  # noqa: E402

pytestmark = pytest.mark.torch
HERE = UserCode(Path(__file__).parent)


def test_a_line_s_numbers_are_read_from_the_frame_without_running_code() -> None:
    class Holder:
        limit = 7

        def __init__(self) -> None:
            self.size = 384

        @property
        def trap(self) -> int:
            raise AssertionError

    def compare(n: int, holder: Holder) -> bool:
        return n > holder.size or n % 16 == 3 or n < holder.trap

    with recorded(HERE) as record, contextlib.suppress(AssertionError):
        compare(8, Holder())
    held = record.numbers["test_steer.py", compare.__code__.co_firstlineno + 1]
    assert {8, 384, 16, 3} <= held


@pytest.mark.parametrize(
    ("test", "how"),
    [
        ("3.0 < x.sum() and x.sum() < 3.1", "a band narrower than any family of values hits"),
        ("abs(x.mean().item() - 12.5) < 0.1", "a number in Python"),
        ("((x.max() > 20) & (x.min() < -30)).any()", "a condition made of two"),
        ("not torch.isfinite(x).all()", "infinity"),
        ("(x == 0.625).any()", "one exact value"),
    ],
)
def test_rare_decisions_are_turned_over(verify: Verify, test: str, how: str) -> None:
    source = f"""
    class Net(nn.Module):
        def forward(self, x):
            if {test}:
                return torch.nan_to_num(x) * 3
            return x.tanh()

    def inputs():
        return (torch.tensor([0.5, -1.5, 2.0, 0.25]),)
    """
    result = verify(source, "trace", seconds=120.0)
    assert (result.status, result.line) == ("mismatch", 7), how
    assert not result.undecided
    scripted = verify(source.replace("abs(x.mean().item() - 12.5) < 0.1", "float(x.mean()) > 12.5"), "script")
    assert (scripted.status, scripted.undecided) == ("ok", ()), scripted.reason


def test_what_no_input_turns_over_is_told(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x):
            if x.sin().sum() > 100:
                return x * 2
            total = x.sum().item()
            if total > 1 and total < -1:
                return x * 3
            return x

    def inputs():
        return (torch.randn(4),)
    """
    result = verify(source, "trace")
    assert result.status == "ok", result.reason
    assert [(step.line, step.what) for step in result.undecided] == [
        (7, "was False for every input"),
        (10, "always went on to line 12"),
    ]
    assert result.checks["decisions"] == "0 of 2 seen both ways"


@pytest.mark.parametrize("limit", ["200", "self.limit"])
def test_sizes_on_both_sides_of_what_is_compared_are_tried(verify: Verify, limit: str) -> None:
    source = f"""
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.limit = 200

        def forward(self, x):
            if x.shape[1] == {limit}:
                return x.sum(1)
            return x.mean(1)

    def inputs():
        return (torch.randn(2, 6),)
    """
    result = verify(source, "trace", dynamic={"x": {1: "n"}})
    assert (result.status, result.line, result.rule) == ("mismatch", 11, "EXL301")
    assert result.counterexample is not None
    assert result.counterexample.inputs[0].shape == (2, 200)


def test_nan_counts_only_where_the_model_speaks_of_it(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x):
            y = x.argmax()
            {}
            return y

    def inputs():
        return (torch.randn(6),)
    """
    silent = verify(source.format("pass"), "onnx-ts")
    assert silent.status == "ok", silent.reason
    assert silent.checks["unusual"] == "differs where an input holds NaN or infinity (input: an element nan)"
    told = verify(source.format("y = torch.where(x.isnan().any(), y, y + 1)"), "onnx-ts")
    assert (told.status, told.counterexample and told.counterexample.family) == ("mismatch", "an element nan")

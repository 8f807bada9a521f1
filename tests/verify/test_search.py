"""Inputs chosen to disagree, what a run decided, and which decision is to blame."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from exportlint.verify.frames import Place, UserCode  # noqa: E402
from exportlint.verify.judging.blame import by_decisions  # noqa: E402  torch may be absent
from exportlint.verify.searching.decisions import Record, recorded  # noqa: E402
from exportlint.verify.searching.families import FAMILIES, changed  # noqa: E402
from exportlint.verify.searching.inputs import Generated  # noqa: E402
from tests.verify.conftest import Verify  # noqa: E402

pytestmark = pytest.mark.torch
HERE = UserCode(Path(__file__).parent)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "dtype", ["float32", "float16", "bfloat16", "float64", "complex64", "int64", "int8", "uint8", "bool"]
)
def test_every_family_keeps_dtype_and_shape(family: str, dtype: str) -> None:
    example = torch.arange(6).reshape(2, 3).to(getattr(torch, dtype))
    for leaf in (example, example[0, 1], example[:0]):
        made = changed(leaf, family, torch.Generator().manual_seed(1))
        assert (made.dtype, made.shape) == (leaf.dtype, leaf.shape)


def test_candidates_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    def made(seed: int) -> list:
        generated = Generated({"x": torch.randn(3, generator=torch.Generator().manual_seed(0))}, seed, {"x": {0: "n"}})
        candidates = [*generated.values(), *generated.sizes(), *itertools.islice(generated.more(), 5)]
        return [(candidate.family, candidate.leaves["x"].tolist()) for candidate in candidates]

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_the_example_is_never_changed() -> None:
    example = torch.ones(3)
    for candidate in Generated({"x": example}, 0, {"x": {0: "n"}}).values():
        if isinstance(candidate.leaves["x"], torch.Tensor):
            candidate.leaves["x"].add_(1)
    assert example.tolist() == [1, 1, 1]


def test_one_name_has_one_size_in_every_input_and_whole_numbers_stay_in_range() -> None:
    example = {"x": torch.randn(2, 4), "ids": torch.tensor([[5, 7]])}
    sizes = list(Generated(example, 0, {"x": {0: "n"}, "ids": {1: "n", 0: "m"}}).sizes())
    assert {candidate.leaves["x"].shape[0] for candidate in sizes} >= {1, 3, 4}
    for candidate in sizes:
        x, ids = candidate.leaves["x"], candidate.leaves["ids"]
        assert x.shape[0] == ids.shape[1]
        assert ids.numel() == 0 or set(ids.flatten().tolist()) <= {5, 6, 7}


def decide(x: torch.Tensor) -> torch.Tensor:
    if x.sum() > 0:
        x = x + float(x[0])
    for _ in range(x.shape[0]):
        x = x * 2
    return x


def test_a_run_records_lines_and_conversions_of_the_users_code_only() -> None:
    with recorded(HERE) as record:
        decide(torch.ones(2))
        torch.nn.functional.interpolate(torch.ones(1, 1, 4), scale_factor=2.0)
    hows = {
        (line - decide.__code__.co_firstlineno, how) for path, line, how in record.outcomes if path == "test_search.py"
    }
    assert {(1, "__bool__"), (2, "__float__"), (3, "shape"), (3, "branch")} <= hows
    assert all(path == "test_search.py" for path, _, _ in record.outcomes)
    assert "shape" not in vars(torch.Tensor)
    assert not bool(torch.zeros(()))


def test_the_decision_that_also_changed_where_the_export_agreed_is_not_blamed() -> None:
    def record(early: bool, late: bool) -> Record:
        made = Record()
        made.add(Place("net.py", 3, True), "__bool__", early)
        made.add(Place("net.py", 5, True), "__bool__", late)
        return made

    example, failing, agreeing = record(True, True), record(False, False), record(False, True)
    blame = by_decisions(example, failing, [agreeing], resized=False)
    assert blame is not None
    assert (blame.line, blame.rule) == (5, "EXL101")
    first = by_decisions(example, failing, [], resized=False)
    assert first is not None
    assert first.line == 3


def test_inputs_that_eager_mode_refuses_are_discarded_and_counted(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.rows = nn.Embedding(5, 3)

        def forward(self, ids):
            return self.rows(ids)

    def inputs():
        return (torch.tensor([[0, 1, 2]]),)
    """
    result = verify(source, "trace", dynamic={"ids": {1: "t"}})
    assert result.status == "ok", result.reason
    assert result.inputs_discarded > 0
    assert result.inputs_tried > 15


def test_a_rare_branch_is_searched_for(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x, mask):
            y = x.tanh()
            if mask.all():
                y = y * 2
            if x.abs().max() > 100:
                y = y * 0
            return y

    def inputs():
        return torch.randn(4), torch.tensor([True, False, True, True])
    """
    result = verify(source, "script")
    assert result.status == "ok", result.reason
    assert result.checks["decisions"] == "2 of 2 seen both ways"
    traced = verify(source, "trace")
    assert (traced.status, traced.rule) == ("mismatch", "EXL101")
    assert traced.line in (8, 10)


def test_ranking_equal_values_either_way_is_no_mismatch(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x):
            return x.topk(3).indices

    def inputs():
        return (torch.randn(2, 9),)
    """
    result = verify(source, "onnx-ts")
    assert result.status == "ok", result.reason


def test_a_loop_that_never_ends_on_other_inputs_is_given_up(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x):
            while x.sum() < 10:
                x = x * 2
            return x

    def inputs():
        return (torch.ones(3),)
    """
    result = verify(source, "script")
    assert result.status == "ok", result.reason
    assert result.inputs_discarded > 0


@pytest.mark.parametrize(("target", "line"), [("onnx", 7), ("export", 6)])
def test_a_python_number_fixed_by_the_export_is_a_mismatch(verify: Verify, target: str, line: int) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x, scale, flag=True):
            return x * scale if flag else x

    def inputs():
        return torch.ones(3), 2.0, True
    """
    result = verify(source, target)
    assert (result.status, result.line) == ("mismatch", line)
    assert "fixed the Python argument scale" in result.reason
    assert verify(source, "onnx-ts").status == "ok"


def test_a_mask_that_hides_whole_rows_is_noted_not_failed(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, q, mask):
            return F.scaled_dot_product_attention(q, q, q, attn_mask=mask)

    def inputs():
        return torch.randn(1, 2, 4, 3), torch.tensor([[1, 0, 1, 0], [1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 0, 1]]).bool()
    """
    result = verify(source, "onnx")
    assert result.status == "ok", result.reason
    assert "hides a whole row" in result.checks["masks"]

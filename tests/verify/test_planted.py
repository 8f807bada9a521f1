"""Faults planted in exported graphs are exposed and located: a sample of what benchmarks/bench_planted.py counts."""

from __future__ import annotations

import pytest

from tests.verify.conftest import Verify

pytest.importorskip("torch")

from benchmarks.bench_planted import models, planted

pytestmark = pytest.mark.torch
SAMPLE = {"Attention", "Gated", "Stacked", "Divided", "Shifted"}
"""One for each kind of fault; two of them in a module inside the model."""


@pytest.mark.parametrize(("kind", "name"), [pair for pair in models() if pair[1] in SAMPLE])
def test_a_planted_fault_is_found_at_its_line(kind: str, name: str) -> None:
    found = planted(kind, name)
    assert found.good.status == "ok", found.good.reason
    assert found.bad.status == "mismatch", found.bad.reason
    assert found.at_line, (found.bad.line, found.site.lines)


def test_there_are_forty_of_five_kinds() -> None:
    pairs = list(models())
    assert len(pairs) == 40
    assert {sum(kind == one for one, _ in pairs) for kind, _ in pairs} == {8}


def test_a_zero_that_only_a_guard_keeps_apart_is_no_tie(verify: Verify) -> None:
    """Equal values are forgiven where something ranks, and nowhere else."""
    source = """
    class Net(nn.Module):
        def forward(self, x, y):
            return x.cumsum(0) if bool((y == 0).all()) else x

    def inputs():
        return torch.ones(3), torch.ones(3)
    """
    assert verify(source, "trace").status == "mismatch"

"""Operators whose result only a condition asks for: a tracer drops them, torch.export and torch.onnx.export do not."""

from __future__ import annotations

import textwrap

import pytest

from exportlint.finding import TARGETS
from exportlint.flow.events import OperatorCall
from tests.flow.events_of import HEADER, all_events

SOURCE = """
    def highest(x):
        return torch.special.entr(x).max()

    class Net(nn.Module):
        def forward(self, x: torch.Tensor):
            BODY
            return x
    """
DROPPED = {
    "in place": "if torch.special.entr(x).max() > 1: x = -x",
    "of a helper": "if highest(x) > 1: x = -x",
    "by a name": "high = highest(x) > 1; x = -x if high else x",
}
KEPT = {
    "given back": "x = x + highest(x)",
    "asked for, and used": "high = highest(x); x = x - high if high > 1 else x",
    "both ways": "x = x + highest(x) if highest(x) > 1 else x",
}


def targets_of(folder, body):
    """Targets for which the one operator that counts here is met."""
    file = folder / "net.py"
    file.write_text(HEADER + textwrap.dedent(SOURCE).replace("BODY", body))
    found = [event for event in all_events(file, TARGETS) if isinstance(event, OperatorCall)]
    return frozenset().union(*(event.targets for event in found if event.name == "torch.special.entr"))


@pytest.mark.parametrize("body", DROPPED.values(), ids=DROPPED)
def test_a_tracer_does_not_mind(body, tmp_path):
    assert targets_of(tmp_path, body) == {"script", "export", "onnx"}


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT)
def test_one_that_is_used_too_is_recorded(body, tmp_path):
    assert targets_of(tmp_path, body) == {"trace", "script", "export", "onnx", "onnx-ts"}

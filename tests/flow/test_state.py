"""What a buffer keeps from call to call, and what every call writes anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from exportlint.flow.events import StateWrite
from tests.flow.events_of import events_in, forward

BUFFER = 'self.register_buffer("seen", torch.zeros(2, 3))'


def writes(folder: Path, body: str) -> int:
    events = events_in(folder, forward(body, init=BUFFER))
    return sum(isinstance(event, StateWrite) for event in events)


@pytest.mark.parametrize(
    "body",
    [
        "self.seen[0] = x\nreturn self.seen * 2",
        "self.seen[0, 1] = x[0]\nself.seen[1, ...] = x\nreturn self.seen",
        "self.seen[:, -1] = x.shape[0]\nreturn self.seen",
    ],
)
def test_a_place_written_before_it_is_read_is_no_state(body: str, tmp_path: Path) -> None:
    assert writes(tmp_path, body) == 0


@pytest.mark.parametrize(
    "body",
    [
        "before = self.seen[0] * 2\nself.seen[0] = x\nreturn before",
        "self.seen[0] = self.seen[1] + x\nreturn self.seen",
        "self.seen[x.shape[0]] = x\nreturn self.seen",
        "if self.flag:\n    self.seen[0] = x\nreturn self.seen",
        "self.seen[0] += x\nreturn self.seen",
    ],
)
def test_what_another_call_may_find_is_state(body: str, tmp_path: Path) -> None:
    assert writes(tmp_path, body) >= 1


def test_a_global_number_that_is_counted_up_is_state(tmp_path: Path) -> None:
    source = """
    steps = 0

    class Net(nn.Module):
        def forward(self, x: torch.Tensor):
            global steps
            steps += 1
            return x * steps
    """
    (write,) = [event for event in events_in(tmp_path, source) if isinstance(event, StateWrite)]
    assert (write.name, write.form) == ("steps", "counted")


@pytest.mark.parametrize(
    "body",
    [
        "seen = list(seen)\nseen.append(x)\nreturn x * len(seen)",
        "seen.append(1)\nreturn x",
        "return x * len(seen)",
    ],
)
def test_a_default_that_is_copied_or_never_read_is_no_state(body: str, tmp_path: Path) -> None:
    events = events_in(tmp_path, forward(body, "x: torch.Tensor, seen=[]"))
    assert not [event for event in events if isinstance(event, StateWrite)]

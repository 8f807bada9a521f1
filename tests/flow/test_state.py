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

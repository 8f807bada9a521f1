"""The time limit: nested limits, and searches that end by themselves with what they compared."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from exportlint.verify.clock import Clock, TimeIsUp, TooSlow, limited
from tests.verify.conftest import Verify

SLOW = """
import time
class Net(nn.Module):
    def forward(self, x):
        time.sleep({seconds})
        return x * 2 if x.sum() > {above} else x
"""
PAIR = {"x": "float32[4]"}


def test_the_limit_that_ends_first_counts_and_the_other_goes_on() -> None:
    started = time.monotonic()
    ended = []

    def nested() -> None:
        with suppress(TooSlow), limited(0.1):
            time.sleep(5)
        ended.append(time.monotonic() - started)
        with limited(9.0):
            time.sleep(5)

    with pytest.raises(TimeIsUp), limited(0.5, TimeIsUp):
        nested()
    assert 0.1 <= ended[0] < 0.5 <= time.monotonic() - started < 4.0
    with limited(None), limited(float("inf")):
        time.sleep(0.01)


def test_what_takes_any_exception_lets_the_end_of_the_time_through() -> None:
    def stubborn() -> None:
        while True:
            with suppress(Exception):
                time.sleep(1)

    with pytest.raises(TimeIsUp), Clock(0.1).until(1.0):
        stubborn()


def test_after_its_share_nothing_is_begun() -> None:
    clock = Clock(10.0, started=time.monotonic() - 6.0)
    assert 3.0 < clock.left(1.0) <= 4.0
    assert clock.left(0.5) == 0.0
    with pytest.raises(TimeIsUp), clock.until(0.5):
        pytest.fail("begun")


@pytest.mark.torch
def test_the_number_of_inputs_hangs_on_the_kind_of_cost_not_on_the_time_itself() -> None:
    from exportlint.verify.searching.budget import affordable

    assert affordable(45.0, 0.31) == affordable(45.0, 0.6) == 75
    assert affordable(45.0, 0.61) == 37
    assert affordable(45.0, 100.0) == 0
    assert affordable(45.0, 0.0) > 1000


@pytest.mark.torch
def test_a_slow_model_is_compared_and_the_search_says_where_it_ended(verify: Verify) -> None:
    result = verify(SLOW.format(seconds=0.35, above=-1e9), "trace", inputs=PAIR, seconds=40.0)
    assert (result.status, result.reason) == ("ok", "")
    tried = result.inputs_tried + result.inputs_discarded
    # a third of a second is of the kind up to 0.6: 15 seconds are worth 25 inputs beside the example
    assert 2 <= tried <= 26
    assert result.checks["search"] == f"ended by the time limit after {tried} inputs"


@pytest.mark.torch
def test_a_slow_export_that_is_wrong_is_told_with_its_line(verify: Verify) -> None:
    result = verify(SLOW.format(seconds=0.4, above=0), "trace", inputs=PAIR, seconds=30.0)
    assert (result.status, result.line) == ("mismatch", 9)
    assert result.seconds["run"] < 27


@pytest.mark.torch
def test_without_time_for_more_the_example_is_compared_all_the_same(verify: Verify) -> None:
    result = verify(SLOW.format(seconds=1.0, above=-1e9), "trace", inputs=PAIR, seconds=17.0)
    assert (result.status, result.reason) == ("ok", "")
    assert result.checks["noise"].startswith("skipped: no time left")
    assert result.checks["state"] == "skipped: no time left"
    assert result.checks["search"].startswith("ended by the time limit after ")


@pytest.mark.torch
def test_a_model_too_slow_to_be_compared_misses_the_time_with_its_reason(verify: Verify) -> None:
    result = verify(SLOW.format(seconds=1.5, above=-1e9), "trace", inputs=PAIR, seconds=5.0)
    assert result.status == "timeout"
    assert "the last run in eager mode took 1.5 s" in result.reason


@pytest.mark.torch
def test_no_sample_is_made_where_no_check_asks_for_one(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    from exportlint.verify import subject

    monkeypatch.setattr(subject, "_samples", lambda *given: pytest.fail("a sample was made"))
    model = "class Net(nn.Module):\n    def forward(self, x): return x + 1\n"
    assert verify(model, "trace", inputs=PAIR).status == "ok"

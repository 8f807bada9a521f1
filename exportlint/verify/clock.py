"""How much of a job's time is left, and ends for what takes longer."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

ENDING = 0.9  # share of a job's time after which nothing is looked for any more: what is known becomes the answer
LAST = 0.95  # and after which the export is not even compared on the example


class TooSlow(Exception):
    """A run took far longer than the example: a loop on a value may never end on other inputs."""


class TimeIsUp(BaseException):
    """The job's time is over. No Exception: code that takes whatever a model raises must let it through."""


@dataclass(frozen=True)
class Clock:
    """A job's time: `seconds` from `started`, of time.monotonic. Shares are of the whole."""

    seconds: float
    started: float = field(default_factory=time.monotonic)

    def at(self, share: float) -> float:
        """When that share is over."""
        return self.started + share * self.seconds

    def left(self, share: float) -> float:
        """Seconds until that share is over, never below 0."""
        return max(self.at(share) - time.monotonic(), 0.0)

    @contextmanager
    def until(self, share: float) -> Iterator[None]:
        """Raises TimeIsUp in the code inside once that share of the time is over, at its next step of Python."""
        left = self.left(share)
        if not left:
            raise TimeIsUp
        with limited(left, TimeIsUp):
            yield


@contextmanager
def limited(seconds: float | None, error: type[BaseException] = TooSlow) -> Iterator[None]:
    """Raises `error` in the code inside once `seconds` are over, at its next step of Python; None: no limit.

    Limits may stand in each other: the one that ends first counts.
    """
    if seconds is None or not math.isfinite(seconds) or not hasattr(signal, "setitimer"):
        yield
        return
    around, started = signal.getitimer(signal.ITIMER_REAL)[0], time.monotonic()
    if 0.0 < around <= seconds:
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise error(f"no answer within {seconds:.1f} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if around:
            signal.setitimer(signal.ITIMER_REAL, max(around - (time.monotonic() - started), 0.001))

"""Keeps the report of a long run up to date: what was found stays found, however the run ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from exportlint.verify.contract import Result
from exportlint.verify.running.runner import Runner

OFTEN = 1.0  # seconds between two reports


class Reports:
    """Writes the report of a runner with `write(results, left)`, where `left` counts what is still to come.

    `early`: before the end, too, which is right for a file and wrong for a terminal.
    """

    def __init__(self, runner: Runner, total: int, write: Callable[[Sequence[Result], int], None], early: bool) -> None:
        self._runner, self._total, self._write, self._early = runner, total, write, early
        self._next = 0.0

    def ended(self) -> None:
        """One more result is there: writes the report, unless it was written just now."""
        if self._early and time.monotonic() >= self._next:
            self.now()
            self._next = time.monotonic() + OFTEN

    def now(self) -> None:
        """Writes the report."""
        done = self._runner.done
        self._write(done, self._total - len(done))

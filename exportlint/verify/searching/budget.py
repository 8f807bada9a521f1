"""How many inputs the time is worth: settled before the first, from what one costs, in coarse steps.

So a little more or less time makes no other search, and each is found again from its seed. The clock ends it only where
inputs cost far more than foretold.
"""

from __future__ import annotations

import math
import time

from exportlint.verify.clock import Clock

SHARE = 0.25  # of the job's time
LONGEST = 30.0  # seconds
STEP = 2.0  # from one kind of cost to the next
UNIT = 0.15  # seconds, one of these costs: at the longest budget, every input is worth what it takes up to here
BEYOND = 1.5  # budgets: what it takes if each input costs as much as its kind may
LAST_INPUT = 0.75  # share of the job's time that the search never goes beyond
MEASURING = 15.0  # runs that it takes to see whether a model remembers, and to measure its rounding error


class Budget:
    """What may be spent on inputs that take `cost` seconds each."""

    def __init__(self, clock: Clock, cost: float) -> None:
        most = BEYOND * min(clock.seconds * SHARE, LONGEST)
        self.cost = cost
        self.inputs = affordable(most, cost)
        self.deadline = min(time.monotonic() + most, clock.at(LAST_INPUT))

    def allows(self) -> bool:
        """Whether one more input is worth it; it counts as begun."""
        self.inputs -= 1
        return self.inputs >= 0 and time.monotonic() + self.cost < self.deadline


def affordable(seconds: float, cost: float) -> int:
    """How many inputs fit into so many seconds, if each costs as much as the dearest of its kind."""
    kind = math.ceil(math.log(max(cost, 1e-6) / UNIT, STEP))
    return int(seconds / (UNIT * STEP**kind))


def has_time_to_measure(clock: Clock, cost: float) -> bool:
    """Whether more can be measured on the example, with runs of `cost` seconds, before the search has to end."""
    return clock.left(LAST_INPUT) > MEASURING * cost

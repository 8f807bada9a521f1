"""What a search saw: each input with how the export compared there."""

from __future__ import annotations

from dataclasses import dataclass, field

from exportlint.verify.judging.compare import Comparison
from exportlint.verify.searching.decisions import Record
from exportlint.verify.searching.inputs import Candidate


@dataclass(frozen=True)
class Trial:
    """One input on which eager mode ran, and how the export compared."""

    candidate: Candidate
    record: Record
    comparison: Comparison


@dataclass
class Outcome:
    """What a search saw. `trials[0]` is the example; `failures` are the trials that differ.

    `hidden_rows` is the family of an input that differs while a mask hides whole rows, as the example's does not:
    runtimes disagree on the softmax of nothing, and nobody asks for it. `unusual` is that of an input with NaN or
    infinity in it that differs, where the model says nothing of them. `shown` is the failure that a result is about.
    `skipped` says, by check, what the time did not suffice for.
    """

    trials: list[Trial] = field(default_factory=list)
    discarded: int = 0
    hidden_rows: str | None = None
    unusual: str | None = None
    random: bool = False
    shown: Trial | None = None
    skipped: dict[str, str] = field(default_factory=dict)
    coverage: dict[tuple[str, int], set[object]] = field(default_factory=dict)

    @property
    def failures(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.comparison.difference]

    @property
    def agreeing(self) -> list[Trial]:
        return [trial for trial in self.trials if not trial.comparison.difference]

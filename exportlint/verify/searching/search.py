"""Runs an export against eager PyTorch on many inputs, until every decision was seen both ways or the budget ends."""

from __future__ import annotations

import dataclasses
import itertools
import math
import time
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from exportlint.verify.clock import ENDING, LAST, Clock, TimeIsUp
from exportlint.verify.eager import Eager, Run, all_finite, fresh_call, seed_all
from exportlint.verify.judging.compare import UNKNOWN, Comparison, Difference, compare, compare_flat
from exportlint.verify.judging.noise import measured
from exportlint.verify.judging.tolerance import FACTOR, Noise
from exportlint.verify.searching.budget import Budget, has_time_to_measure
from exportlint.verify.searching.decisions import VALUE_READS, Record
from exportlint.verify.searching.inputs import Candidate, Generated, hides_rows, jittered
from exportlint.verify.searching.outcome import Outcome, Trial
from exportlint.verify.searching.steer import steered
from exportlint.verify.targets import Call, Exported

MOST_INPUTS = 150
MORE_FOR_DECISIONS = 60  # further inputs, for decisions seen one way only
AFTER_FAILURE = 10  # further inputs once one disagreed: they tell the decision at fault from the harmless ones

MOST_CALLS = 4  # in a row, of a model that remembers


class Search:
    """Compares one export with eager mode, in a part of the time that `clock` tells.

    `random`: whether the model is known to be or not to be so, None where that is still to be found out.
    """

    def __init__(
        self, eager: Eager, call: Call, exported: Exported, seed: int, clock: Clock, random: bool | None = None
    ) -> None:
        self.eager, self.call, self.exported = eager, call, exported
        self.seed, self.clock = seed, clock
        self.outcome = Outcome(random=eager.is_random(call) if random is None else random)
        self.stateful = False
        self.finite = True
        self.noise, self.rounding = UNKNOWN, 0.0  # on the example
        self.loose = False
        self.changed: list[str] = []  # inputs that eager mode writes to
        self.hows: tuple[str, ...] = VALUE_READS
        self._answering = math.inf  # seconds of the fastest answer so far

    def run(self, dynamic: Mapping[str, Mapping[int, str]], truth: Run) -> Outcome:
        """The example first, on which `truth` is eager mode's run, then other values and sizes.

        Raises TimeIsUp where the time does not suffice for the example.
        """
        with self.clock.until(LAST):
            generated = self._try_example(dynamic, truth)
        try:
            with self.clock.until(ENDING):
                self._try_others(generated)
        except TimeIsUp:
            self.cut()
        return self.outcome

    def _try_example(self, dynamic: Mapping[str, Mapping[int, str]], truth: Run) -> Generated:
        generated = Generated(self.call.leaves(), self.seed, dynamic, truth.record.numbers)
        self.hows = (*VALUE_READS, "shape") if dynamic else VALUE_READS
        self.finite = all_finite(truth.output)
        self.changed = _changed(self.call, truth)
        if not self.outcome.random:
            self._look_closer(truth)
        self.loose = self.outcome.random and not self._follows_seed(truth)
        self._note(self._judged(Candidate("example", self.seed, generated.example), self.call, truth))
        return generated

    def _try_others(self, generated: Generated) -> None:
        if not self.outcome.failures and self.stateful:
            self._judge_state()
        if not self.outcome.failures:
            # what torch loads for the first look at its rounding takes seconds, and is no search
            budget = Budget(self.clock, self.eager.cost + self._answering)
            for candidate in self._wanted(generated, budget):
                if not budget.allows():
                    self.cut()
                    break
                self._try(candidate)

    def cut(self) -> None:
        """Note that the time limit ended the search."""
        tried = len(self.outcome.trials) + self.outcome.discarded
        self.outcome.skipped["search"] = f"ended by the time limit after {tried} input{'s' if tried != 1 else ''}"

    def _look_closer(self, truth: Run) -> None:
        """Whether the model remembers, and how much it rounds, where there is time for more than a comparison."""
        if has_time_to_measure(self.clock, self.eager.latest):
            self.stateful = self.eager.is_stateful(self.call)
            self.noise = measured(self.eager, self.call, self.seed, truth, threads=True)
            self.rounding = self.noise.largest(truth.output)
        else:
            self.outcome.skipped["state"] = "skipped: no time left"
            self.outcome.skipped["noise"] = "skipped: no time left; the tolerance is that of the dtype"

    def _wanted(self, generated: Generated, budget: Budget) -> Iterator[Candidate]:
        """The inputs to try, each chosen once the ones before it are judged."""
        plain = generated.plain(self._numbers())
        planned = _interleaved(generated.values(), generated.sizes(), generated.thresholds(), plain)
        left = MOST_INPUTS
        for candidate in itertools.islice(planned, MOST_INPUTS):
            yield candidate
            left = min(left - 1, AFTER_FAILURE) if self.outcome.failures else left - 1
            if left <= 0:
                return
        yield from generated.unusual()
        further = (generated.near(), steered(self, budget.deadline), generated.more())
        for candidate in itertools.chain.from_iterable(itertools.islice(each, MORE_FOR_DECISIONS) for each in further):
            if self.outcome.failures or not self.undecided():
                return
            yield candidate

    def _numbers(self) -> frozenset[str]:
        """Python arguments to vary: flags only where they are real inputs, since they choose what is exported."""
        leaves = self.call.leaves()
        counted = {
            name for name, leaf in leaves.items() if isinstance(leaf, (int, float)) and not isinstance(leaf, bool)
        }
        return frozenset(counted) | self.exported.plain_inputs

    def undecided(self) -> list[tuple[str, int]]:
        """Lines that tested a tensor, or what was read from one, and went one way only so far."""
        return [place for place, seen in self.outcome.coverage.items() if len(seen) == 1]

    def _try(self, candidate: Candidate) -> None:
        trial = self.tried(candidate)
        if trial is None:
            self.outcome.discarded += 1
        else:
            self._note(trial)

    def tried(self, candidate: Candidate) -> Trial | None:
        """One more input; None where eager mode refuses it, or answers NaN as it does not on the example."""
        call = self.call.with_leaves(candidate.leaves)
        try:
            truth = self.eager.run(call, self.seed)
        except Exception:  # eager itself refuses this input: it says nothing about the export
            return None
        if self.finite and not all_finite(truth.output):
            return None
        return self._judged(candidate, call, truth)

    def _judged(self, candidate: Candidate, call: Call, truth: Run) -> Trial:
        comparison = self._compared(call, truth, self.noise.elsewhere())
        difference = comparison.difference
        if difference and candidate.varied and candidate.varied not in self.exported.plain_inputs:
            comparison = dataclasses.replace(comparison, difference=_fixed(difference, candidate.varied))
        elif difference and difference.kind in ("value", "nan"):
            comparison = self._confirmed(candidate, call, truth, comparison)
        return Trial(candidate, truth.record, comparison)

    def _note(self, trial: Trial) -> None:
        for place, seen in trial.record.tests(self.hows).items():
            self.outcome.coverage.setdefault(place, set()).update(seen)
        self.outcome.trials.append(trial)

    def _confirmed(self, candidate: Candidate, call: Call, truth: Run, comparison: Comparison) -> Comparison:
        """A difference in values counts only above eager's own rounding error, and not where equal values blow that up.

        They do where values are ranked, and where they are normalised: with no variance of their own, rounding is all
        that is left to divide by. An input close by, whose values differ, tells such an export from a wrong one.
        """
        noise = UNKNOWN if self.outcome.random else measured(self.eager, call, self.seed, truth)
        again = self._compared(call, truth, noise)
        if again.difference is None or _decided_otherwise(self.outcome.trials, truth.record):
            return again
        if candidate.unusual and not self.eager.expects_unusual(call, self.seed):
            self.outcome.unusual = candidate.family
            return Comparison(None)
        if hides_rows(candidate.leaves, self.call.leaves()):
            self.outcome.hidden_rows = candidate.family
            return Comparison(None)
        is_noise = 0.0 < again.times <= FACTOR
        if not candidate.tied or not (is_noise or self.eager.magnifies_rounding(call, self.seed)):
            return again
        apart = self.call.with_leaves(jittered(candidate))
        try:
            moved = self.eager.run(apart, self.seed)
        except Exception:  # this neighbour is no valid input; the difference stands
            return again
        noise = UNKNOWN if self.outcome.random else measured(self.eager, apart, self.seed, moved)
        return again if self._compared(apart, moved, noise).difference else Comparison(None)

    def _compared(self, call: Call, truth: Run, noise: Noise = UNKNOWN) -> Comparison:
        mine = fresh_call(call)
        try:
            got = self.answer([mine])[0]
        except Exception as error:  # whatever the runtime raises: eager mode took this input
            return Comparison(_raised(error))
        if self.loose:
            return self._loosely(truth.output, got)
        compared = compare_flat(truth.output, got, noise) if self.exported.flat else compare(truth.output, got, noise)
        if compared.difference is None and self.exported.mutates:
            after = compare(truth.call.leaves(), mine.leaves())
            if after.difference:
                return Comparison(_mutated(after.difference))
        return compared

    def answer(self, calls: list[Call]) -> list[Any]:
        """What the export answers to calls in a row, from its first state."""
        if self.stateful and self.exported.reload:
            self.exported.reload()
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seed_all(self.seed)
            started = time.monotonic()
            answers = [self.exported.run(call) for call in calls]
            self._answering = min(self._answering, (time.monotonic() - started) / len(calls))
            return answers

    def _follows_seed(self, truth: Run) -> bool:
        """Whether a random export draws the same numbers as eager mode from the same seed, as torch's own do."""
        if self.exported.flat:
            return False
        self.loose = False
        return self._compared(self.call, truth).difference is None

    def _loosely(self, expected: Any, got: Any) -> Comparison:
        """Of random outputs only number, nesting, dtype and shape are compared."""
        compared = compare_flat(expected, got) if self.exported.flat else compare(expected, got)
        kind = compared.difference.kind if compared.difference else None
        return Comparison(None) if kind in ("value", "nan", None) else compared

    def _judge_state(self) -> None:
        """A model that remembers must answer alike when it is called several times in a row."""
        runs = self.eager.runs([self.call] * MOST_CALLS, self.seed)
        for count in range(2, MOST_CALLS + 1):
            truth = runs[count - 1]
            candidate = Candidate(f"example, called {count} times", self.seed, self.call.leaves(), calls=count)
            try:
                got = self.answer([fresh_call(self.call) for _ in range(count)])[-1]
                compared = compare_flat(truth.output, got) if self.exported.flat else compare(truth.output, got)
            except Exception as error:  # whatever the runtime raises: eager mode took this input
                compared = Comparison(_raised(error))
            self.outcome.trials.append(Trial(candidate, truth.record, compared))
            if compared.difference:
                return


def _changed(call: Call, run: Run) -> list[str]:
    after = run.call.leaves()
    return [name for name, leaf in call.leaves().items() if compare(leaf, after[name]).difference and leaf is not None]


def _interleaved(*streams: Iterator[Candidate]) -> Iterator[Candidate]:
    for group in itertools.zip_longest(*streams):
        yield from (candidate for candidate in group if candidate is not None)


def _decided_otherwise(trials: list[Trial], record: Record) -> bool:
    """Whether a test of a tensor went otherwise than on the example."""
    if not trials:
        return False
    return any(key[2] in VALUE_READS or key[2] == "branch" for key in trials[0].record.differing(record))


def _fixed(difference: Difference, name: str) -> Difference:
    return dataclasses.replace(difference, reason=f"the export fixed the Python argument {name}: {difference.reason}")


def _raised(error: Exception) -> Difference:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = next((line for line in reversed(lines) if "Error" in line), lines[0] if lines else "")
    return Difference(
        "raises", "", f"the exported model fails: {type(error).__name__}: {text}", "an answer", "an error"
    )


def _mutated(difference: Difference) -> Difference:
    reason = f"the input was changed in another way: {difference.reason}"
    return Difference(difference.kind, difference.output, reason, difference.expected, difference.got)

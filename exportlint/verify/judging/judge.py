"""From what a search saw to one result: ok or mismatch, why, where, and with which input."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import torch

from exportlint.verify.clock import ENDING, TimeIsUp
from exportlint.verify.contract import (
    MOST_ITEMS,
    Counterexample,
    InputValue,
    Opset,
    Result,
    Stage,
    Step,
    finite,
    printable,
)
from exportlint.verify.eager import Eager
from exportlint.verify.frames import Place
from exportlint.verify.judging.audit import complaints, vanished
from exportlint.verify.judging.blame import Blame, by_decisions, by_reads
from exportlint.verify.judging.compare import Difference
from exportlint.verify.judging.devices import fixed_at
from exportlint.verify.judging.divergence import first_divergent
from exportlint.verify.judging.locate import called_at
from exportlint.verify.judging.profile import profile
from exportlint.verify.judging.randomness import drawn_otherwise, is_frozen
from exportlint.verify.searching.decisions import Record
from exportlint.verify.searching.inputs import Candidate
from exportlint.verify.searching.outcome import Outcome, Trial
from exportlint.verify.searching.search import MOST_CALLS, Search
from exportlint.verify.searching.shrink import Shrinker
from exportlint.verify.targets import Call, Exported, Request

_WAY_OUT = {
    "onnx": ": this exporter writes 18 and converts down where it can; ask for 18 or more, or use target onnx-ts"
}


def judged(answer: Result, search: Search, exported: Exported, request: Request) -> Result:
    """The result of a search."""
    outcome = search.outcome
    sizes = [trial.comparison.max_abs for trial in outcome.trials]
    parts = [trial.comparison.max_rel for trial in outcome.trials]
    answer = replace(
        answer,
        opset=Opset(request.opset, exported.opset),
        max_abs=finite(max(sizes)),
        max_rel=finite(max(parts)),
        noise=finite(search.rounding),
        times_noise=finite(outcome.trials[0].comparison.times) if search.noise.relative else None,
        inputs_tried=len(outcome.trials),
        inputs_discarded=outcome.discarded,
        checks=_checks(search, exported, request),
        undecided=() if outcome.failures else tuple(_one_sided(outcome))[:MOST_ITEMS],
    )
    if outcome.failures:
        return _mismatch(answer, search, exported, request)
    if outcome.random:
        dropped = by_reads(outcome.trials[0].record, ("dropout",)) if exported.flat else None
        if dropped or is_frozen(search):
            return _random(answer, search, dropped)
        otherwise = drawn_otherwise(search) if search.loose else None
        if otherwise:
            reason = f"the random outputs are distributed otherwise: {otherwise}"
            return _at_forward(replace(answer, status="mismatch", reason=reason), search.eager)
    if exported.flat:
        for complaint in complaints(exported, request):
            place = search.eager.code.innermost(search.eager.code.in_text(complaint.stacks))
            if place is None and complaint.operator:
                place = called_at(complaint.operator, request, search.eager)
            answer = replace(answer, checks={**answer.checks, complaint.check: "mismatch"})
            return _at(
                replace(answer, status="mismatch", reason=complaint.reason), place or search.eager.forward_place()
            )
    if request.opset and exported.opset and request.opset != exported.opset:
        reason = f"asked for opset {request.opset}, the file is at {exported.opset}{_WAY_OUT.get(answer.target, '')}"
        return _at_forward(replace(answer, status="mismatch", reason=reason), search.eager)
    if answer.target == "trace":
        return _on_other_devices(answer, search, exported, request)
    return answer


def _on_other_devices(answer: Result, search: Search, exported: Exported, request: Request) -> Result:
    place = fixed_at(search.eager, exported.files[0], request.call)
    if place is None:
        return answer
    reason = f"the trace fixed the device at line {place.line}: it runs on {_device(request)} only, unlike eager mode"
    checks = {**answer.checks, "device": "mismatch"}
    return replace(answer, status="mismatch", reason=reason, path=place.path, line=place.line, checks=checks)


def _device(request: Request) -> str:
    return next((str(leaf.device) for leaf in request.call.leaves().values() if isinstance(leaf, torch.Tensor)), "cpu")


def _checks(search: Search, exported: Exported, request: Request) -> dict[str, str]:
    outcome = search.outcome
    resized = [trial for trial in outcome.trials if trial.candidate.resized]
    if not request.dynamic:
        dynamic = "skipped: no dynamic dimension declared"
    elif not resized:
        dynamic = "skipped: eager mode ran at no other size" if not outcome.failures else "skipped: failed before"
    else:
        dynamic = "mismatch" if any(trial.comparison.difference for trial in resized) else "ok"
    both = sum(len(seen) > 1 for seen in outcome.coverage.values())
    checks = {**exported.notes, "dynamic": dynamic, "decisions": f"{both} of {len(outcome.coverage)} seen both ways"}
    if search.loose:
        checks["values"] = "skipped: random in eval mode; number, dtype and shape of the outputs were compared"
    lost = vanished(exported, request) if exported.flat else []
    if lost:
        checks["inputs"] = f"the file has no input {', '.join(lost)}"
    if search.changed and not exported.mutates:
        checks["mutated"] = f"the model writes to its input {', '.join(search.changed)}; the file leaves it as it was"
    if outcome.hidden_rows:
        checks["masks"] = f"differs where a mask hides a whole row (input: {outcome.hidden_rows})"
    if outcome.unusual:
        checks["unusual"] = f"differs where an input holds NaN or infinity (input: {outcome.unusual})"
    if exported.opset is not None:
        asked = request.opset or exported.opset
        checks["opset"] = "ok" if asked == exported.opset else "mismatch"
    if search.stateful:
        called = max(trial.candidate.calls for trial in outcome.trials)
        done = "ok" if called == MOST_CALLS else "skipped: no time left"
        checks["state"] = "mismatch" if outcome.failures else done
    return {**checks, **outcome.skipped}


def _one_sided(outcome: Outcome) -> list[Step]:
    """The decisions that were seen one way only: what the export does on the other side, nobody saw."""
    return [
        Step(path, line, f"was {way} for every input" if isinstance(way, bool) else f"always went on to line {way}")
        for (path, line), seen in outcome.coverage.items()
        for way in (seen if len(seen) == 1 else ())
    ]


def _mismatch(answer: Result, search: Search, exported: Exported, request: Request) -> Result:
    outcome, found = search.outcome, _telling(search.outcome)
    blame = _blamed(outcome, found)
    worst = outcome.shown = found if _in_a_row(found) else _shrunk(search, found, blame, request)
    difference = worst.comparison.difference
    assert difference is not None
    # not the shrunk input: where all is zero, a wrong value looks like many a right one
    place = None if blame else _place(search, exported, found)
    where = f"output {difference.output}: " if difference.output else ""
    values = "" if difference.kind == "raises" else f": expected {difference.expected}, got {difference.got}"
    reason = f"{where}{difference.reason}{values} (input: {worst.candidate.family})"
    lost = [name for name in (vanished(exported, request) if exported.flat else ()) if _varied(name, found, outcome)]
    if lost:
        reason = f"the file has no input {', '.join(lost)}, which the model uses; {reason}"
    if blame:
        reason += f"; line {blame.line} {blame.what}"
    if found.candidate.resized and "guards" in exported.notes:
        reason += f"; {exported.notes['guards']}"
    path, line = (blame.path, blame.line) if blame else (place.path, place.line) if place else (None, None)
    trail = tuple(_trail(outcome, worst, blame))
    return replace(
        answer,
        status="mismatch",
        reason=reason,
        path=path,
        line=line,
        rule=blame.rule if blame else None,
        max_abs=finite(worst.comparison.max_abs),
        max_rel=finite(worst.comparison.max_rel),
        counterexample=_counterexample(worst.candidate),
        divergence=_divergence(search, exported, request.call.with_leaves(worst.candidate.leaves), difference),
        histogram=difference.histogram,
        output=difference.output,
        expected=difference.expected,
        got=difference.got,
        trail=trail,
    )


def _varied(name: str, found: Trial, outcome: Outcome) -> bool:
    """Whether an input differs from the example's where the export fails."""
    example, other = outcome.trials[0].candidate.leaves[name], found.candidate.leaves[name]
    return not (isinstance(example, torch.Tensor) and isinstance(other, torch.Tensor) and torch.equal(example, other))


def _in_a_row(trial: Trial) -> bool:
    return trial.candidate.calls > 1


def _shrunk(search: Search, found: Trial, blame: Blame | None, request: Request) -> Trial:
    """The plainest input found that fails in the same way, by the same decision where one is to blame."""
    shown, example = found.comparison.difference, search.outcome.trials[0].record
    assert shown is not None
    before = _decisions(example, found.record)
    at = (blame.path, blame.line) if blame and (blame.path, blame.line) in before else None

    def keeps(trial: Trial) -> bool:
        difference = trial.comparison.difference
        if difference is None or (difference.kind, difference.output) != (shown.kind, shown.output):
            return False
        now = _decisions(example, trial.record)
        return at in now if at else now <= before

    return found if search.loose else Shrinker(search, keeps).shrunk(found, request.dynamic)


def _decisions(example: Record, record: Record) -> set[tuple[str, int]]:
    return {(path, line) for path, line, _ in example.differing(record)}


def _telling(outcome: Outcome) -> Trial:
    """The failure to show: the first, which is of the plainest family that fails."""
    return outcome.failures[0]


def _blamed(outcome: Outcome, worst: Trial) -> Blame | None:
    example = outcome.trials[0]
    if worst is example:
        return by_reads(example.record, ("numpy", "__array__", "dropout"))
    agreeing = [trial.record for trial in outcome.agreeing[1:]]
    found = by_decisions(example.record, worst.record, agreeing, worst.candidate.resized)
    return found or by_reads(example.record, ("numpy", "__array__"))


def _place(search: Search, exported: Exported, found: Trial) -> Place | None:
    """Where a mismatch that no decision explains comes from: the node that failed, or the first missing value."""
    eager, difference = search.eager, found.comparison.difference
    assert difference is not None
    if difference.kind == "raises":
        stacks = exported.sources(difference.reason) if exported.sources else difference.reason
        return eager.code.innermost(eager.code.in_text(stacks)) or eager.forward_place()
    if search.loose or search.stateful:
        return eager.forward_place()
    call = search.call.with_leaves(found.candidate.leaves)
    apart = found.comparison.max_abs
    found_at = None
    with suppress(TimeIsUp), search.clock.until(ENDING):
        found_at = first_divergent(eager, exported, call, search.seed, difference.output, apart)
    return found_at or eager.forward_place()


def _divergence(search: Search, exported: Exported, call: Call, difference: Difference) -> tuple[Stage, ...]:
    """The difference along the model, where both runs are repeatable and the exported model runs to its end."""
    if search.loose or search.stateful or difference.kind not in ("value", "nan", "shape"):
        return ()
    with suppress(TimeIsUp), search.clock.until(ENDING):
        return profile(search.eager, exported, call, search.seed)
    return ()


def _trail(outcome: Outcome, worst: Trial, blame: Blame | None) -> list[Step]:
    """Other decisions that went otherwise than on the example, up to eight."""
    steps = []
    for path, line, how in outcome.trials[0].record.differing(worst.record):
        step = Step(path, line, "went another way than on the example" if how == "branch" else f"{how} differs")
        if how != "shape" and (blame is None or (path, line) != (blame.path, blame.line)) and step not in steps:
            steps.append(step)
    return steps[:8]


def _random(answer: Result, search: Search, dropped: Blame | None) -> Result:
    if dropped:
        reason = f"the output is random in eval mode because the dropout at line {dropped.line} is always on"
        return replace(
            answer, status="mismatch", reason=reason, path=dropped.path, line=dropped.line, rule=dropped.rule
        )
    reason = "the output is random in eager mode, but the export answers the same each time: the draw was frozen"
    return _at_forward(replace(answer, status="mismatch", reason=reason), search.eager)


def _at_forward(answer: Result, eager: Eager) -> Result:
    return _at(answer, eager.forward_place())


def _at(answer: Result, place: Place | None) -> Result:
    return replace(answer, path=place.path, line=place.line) if place else answer


def _counterexample(candidate: Candidate) -> Counterexample:
    values = [_described(name, leaf) for name, leaf in candidate.leaves.items() if leaf is not None]
    return Counterexample(candidate.family, candidate.seed, tuple(values[:MOST_ITEMS]))


def _described(name: str, leaf: object) -> InputValue:
    if not isinstance(leaf, torch.Tensor):
        return InputValue(name, type(leaf).__name__, None, printable(repr(leaf), 200))
    text = " ".join(repr(leaf.detach().cpu()).split())
    return InputValue(name, str(leaf.dtype).removeprefix("torch."), tuple(leaf.shape), printable(text, 400))

"""`python -m exportlint.verify.worker`: the one process that imports torch and the user's code.

A job comes as JSON on standard input; one JSON result leaves on a duplicate of standard output, while descriptor 1
points at standard error, so that nothing the model prints mixes into the answer.
"""

from __future__ import annotations

import faulthandler
import json
import os
import re
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from exportlint.verify.answers import parse_job
from exportlint.verify.clock import ENDING, Clock, TimeIsUp
from exportlint.verify.contract import LONGEST_TEXT, MOST_ITEMS, OUR_BUG, Job, Opset, Result, printable
from exportlint.verify.reads import Reads

if TYPE_CHECKING:
    from exportlint.verify.eager import Eager, Run
    from exportlint.verify.searching.decisions import Record
    from exportlint.verify.targets import Exported, Request

SLOWEST = 20.0  # times the example that another input may take, plus a second


def main() -> None:
    """Reads one job, answers it."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    job = parse_job(sys.stdin.read())
    _limit(job)
    if "--confined" in sys.argv:
        _confine(job)
    reads = Reads(Path(job.root))
    # a crash or a missed deadline leaves the stacks in the log, where the parent finds the user's line
    faulthandler.enable(all_threads=False)
    faulthandler.dump_traceback_later(0.95 * job.seconds)
    try:
        with tempfile.TemporaryDirectory(prefix="exportlint-") as folder:
            result = Attempt(job, Path(folder)).result()
    except Exception:  # not the user's fault: the parent asks for a bug report
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(OUR_BUG)
    result = replace(result, attached=replace(result.attached, read=reads.files()))
    json.dump(result.to_answer(), answer, allow_nan=False)
    answer.close()
    # user code may leave threads behind that never end; the answer is out
    os._exit(0)


def _limit(job: Job) -> None:
    """No core files, and no more memory than the job allows, where the system knows such limits."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if job.memory:
        resource.setrlimit(resource.RLIMIT_AS, (job.memory, job.memory))


def _confine(job: Job) -> None:
    """Gives up writing and the network; what this system cannot keep from the models goes to the log."""
    from exportlint.verify.isolation.confine import confine

    folders = [Path(tempfile.gettempdir())]
    if job.artifacts:
        Path(job.artifacts).mkdir(parents=True, exist_ok=True)
        folders.append(Path(job.artifacts))
    for lack in confine(folders):
        print(f"sandbox process: {lack}", file=sys.stderr)


class Attempt:
    """One model and one target, from building to comparing. `result` never raises for what the user's code does."""

    def __init__(self, job: Job, folder: Path) -> None:
        from exportlint.verify.frames import UserCode

        self.job = self.built = job
        self.folder = folder
        self.code = UserCode(Path(job.root))
        self.answer = Result(job.entry, job.target, "ok", opset=Opset(job.opset, None))
        self.seconds: dict[str, float] = {}
        self.clock = Clock(job.seconds)

    def result(self) -> Result:
        done = self._attempted()
        seconds = {stage: round(taken, 3) for stage, taken in self.seconds.items()}
        return replace(done, seconds=seconds)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.monotonic() - started

    def _attempted(self) -> Result:
        from exportlint.verify import compiled, specs, targets
        from exportlint.verify.eager import Eager, fresh_call, fresh_model, seed_all
        from exportlint.verify.infer import complete
        from exportlint.verify.preflight import preflight

        stage = "cannot be built"
        try:
            with self._timed("build"):
                seed_all(self.job.seed)
                with compiled.noted(self.code) as compiling:
                    job, model, module, spec = complete.built(self.job)
                self.built = job
                eager = Eager(model, self.code, tuple(compiling))
                stage = "has no usable example inputs"
                call, dynamic, spec = complete.called(job, model, module, spec)
                stage = "does not run in eager mode"
                started = time.monotonic()
                first = eager.run(call, self.job.seed)
                eager.limit = SLOWEST * (time.monotonic() - started) + 1.0
        except specs.NoSpec as error:
            return replace(self.answer, status="no-spec", reason=str(error))
        except (Exception, SystemExit) as error:
            return self._refused(error, f"the model {stage}")
        self.answer = replace(self.answer, ran=_ranges(first.record.lines()), spec=spec)
        if self.job.only == "spec":
            return self.answer
        with self._timed("preflight"):
            self.answer = replace(self.answer, checks=preflight(eager, call, first, self.job.seed, self.clock))
        request = targets.Request(fresh_model(model), call, dynamic, self.job.opset, self.folder)
        try:
            with self._timed("export"):
                # an exporter runs the model, which may write to its inputs
                exported = targets.export_to(self.job.target, replace(request, call=fresh_call(call)))
        except (Exception, SystemExit) as error:
            return self._failed(error, eager, request, first.record)
        self._keep(exported)
        with self._timed("run"):
            found = self._compared(eager, exported, request, first)
        found = replace(found, checks={**self.answer.checks, **found.checks})
        if found.status != "ok":
            return found
        with self._timed("checks"):
            return self._checked(found, eager, exported, request)

    def _checked(self, found: Result, eager: Eager, exported: Exported, request: Request) -> Result:
        """The result with what the checks beyond the export say; one that fails fails the model."""
        from exportlint.verify.check import checked
        from exportlint.verify.subject import Subject

        subject = Subject(exported, eager, request.call, self.job.seed, self.folder)
        said = checked(self.job.checks, self.job.target, subject, self.clock)
        checks = {**found.checks, **said}
        failed = [
            f"{name}: {text.removeprefix('failed: ')}" for name, text in said.items() if text.startswith("failed")
        ]
        reason = f"the export agrees, but a check beyond it fails: {'; '.join(failed)}"
        return replace(found, checks=checks, **({"status": "mismatch", "reason": reason} if failed else {}))

    def _refused(self, error: BaseException, what: str) -> Result:
        """Eager PyTorch itself fails: nothing can be said about the export."""
        place = self.code.innermost(self.code.in_traceback(error.__traceback__))
        if isinstance(error, SyntaxError) and error.filename and error.lineno:
            place = self.code.place(error.filename, error.lineno) or place
        reason = f"{what}: {type(error).__name__}: {' '.join(str(error).split())}"
        path, line = (place.path, place.line) if place else (None, None)
        return replace(self.answer, status="not-runnable", reason=reason, path=path, line=line)

    def _failed(self, error: BaseException, eager: Eager, request: Request, record: Record) -> Result:
        from exportlint.verify.judging.locate import Failure, locate, reason_of

        try:
            with self.clock.until(ENDING):
                found = locate(error, self.job.target, eager, request, record)
        except TimeIsUp:
            found = Failure(reason_of(error), None, None, None)
        return replace(
            self.answer, status="export-failed", reason=found.reason, path=found.path, line=found.line, rule=found.rule
        )

    def _compared(self, eager: Eager, exported: Exported, request: Request, first: Run) -> Result:
        from exportlint.verify.judging.judge import judged
        from exportlint.verify.reproduce import Unsaved, attachment
        from exportlint.verify.searching.search import Search

        deterministic = self.answer.checks["deterministic"]
        random = None if deterministic.startswith("skipped") else deterministic != "ok"
        search = Search(eager, request.call, exported, self.job.seed, self.clock, random)
        try:
            search.run(request.dynamic, first)
        except TimeIsUp:
            return self._too_slow(eager)
        result = judged(self.answer, search, exported, request)
        if search.outcome.shown is None or result.counterexample is None:
            return result
        trial = search.outcome.shown
        difference = trial.comparison.difference
        assert difference is not None
        call, calls = request.call.with_leaves(trial.candidate.leaves), trial.candidate.calls
        try:
            return replace(result, attached=attachment(self.built, request, exported, call, difference, calls))
        except Unsaved as error:
            return replace(result, counterexample=replace(result.counterexample, saved=f"not saved: {error}"))

    def _too_slow(self, eager: Eager) -> Result:
        place = eager.forward_place()
        reason = (
            f"the export was written, but comparing it on the example takes longer than is left of "
            f"{self.job.seconds:g} s: the last run in eager mode took {eager.latest:.1f} s"
        )
        path, line = (place.path, place.line) if place else (None, None)
        return replace(self.answer, status="timeout", reason=reason, path=path, line=line)

    def _keep(self, exported: Exported) -> None:
        """Copies what was exported into the artifacts folder, in a folder of its own for each model and target."""
        if self.job.artifacts:
            name = re.sub(r"[^\w.-]+", "_", f"{self.job.entry}.{self.job.target}").strip("._")
            kept = Path(self.job.artifacts) / name
            kept.mkdir(parents=True, exist_ok=True)
            for file in exported.files:
                shutil.copy2(file, kept / file.name)


def _ranges(lines: dict[str, set[int]]) -> dict[str, str]:
    """Line numbers by file as "5-9,12", as far as the contract has room for them."""
    texts = {}
    for path, numbers in sorted(lines.items())[:MOST_ITEMS]:
        runs: list[list[int]] = []
        for number in sorted(numbers):
            if runs and number == runs[-1][1] + 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        text = ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
        texts[printable(path)] = text if len(text) <= LONGEST_TEXT else text[: text.rindex(",", 0, LONGEST_TEXT)]
    return texts


if __name__ == "__main__":
    main()

"""Runs jobs, one worker process each, with a deadline; whatever becomes of a worker, its job gets a result."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from exportlint.verify.answers import parse_result
from exportlint.verify.contract import LARGEST_ANSWER, OUR_BUG, ContractError, Job, Opset, Result, printable
from exportlint.verify.frames import UserCode
from exportlint.verify.isolation.placed import placed
from exportlint.verify.isolation.sandbox import Launch, Sandbox
from exportlint.verify.running.kept import Kept
from exportlint.verify.running.pool import longest_first
from exportlint.verify.running.workers import Fresh, Warm, Worker
from exportlint.verify.saved import FOLDER, saved

KEPT_LOG = 64_000  # bytes of a worker's log that are kept, the last ones
SIGNALLED = 128  # a container's status is this and the signal's number, where a process of ours has it negative
GRACE = 5.0  # seconds that a killed worker's pipes may take to close


@dataclass(frozen=True)
class Finished:
    """How a worker ended. `code` is negative for a signal; `late` when the deadline killed it."""

    code: int
    answer: bytes
    log: bytes
    late: bool


class WorkerBug(Exception):
    """A worker failed by exportlint's own fault; the text is its traceback."""


class Runner:
    """Runs jobs in a sandbox, `width` at a time; `kept` answers for those that an earlier run has answered.

    `stop` kills what is running; `bugs` are tracebacks of our own.
    """

    def __init__(self, sandbox: Sandbox, width: int = 1, kept: Kept | None = None) -> None:
        self.sandbox = sandbox
        self.width = width
        self.kept = kept
        self._running: set[Worker] = set()
        self._done: list[Result] = []
        self._warm: Warm | None = None
        self._lock = threading.Lock()
        self._stopped = False
        self.bugs: list[str] = []

    def run(self, jobs: Sequence[Job], started: Callable[[Job], None], ended: Callable[[Result], None]) -> list[Result]:
        """A result for every job, sorted. `started` and `ended` are told as it goes, from other threads."""

        def one(job: Job) -> Result:
            started(job)
            result = self.one(job)
            with self._lock:
                if not self._stopped:
                    self._done.append(result)
            return result

        self._warm = Warm(job.target for job in jobs)
        try:
            with ThreadPoolExecutor(max_workers=max(self.width, 1)) as pool:
                waiting = [pool.submit(one, job) for job in longest_first(jobs)]
                try:
                    for future in as_completed(waiting):
                        ended(future.result())
                except BaseException:
                    for future in waiting:
                        future.cancel()
                    self.stop()
                    raise
        finally:
            self._warm.close()
        return self.done

    @property
    def done(self) -> list[Result]:
        """The results so far, sorted; those of workers that `stop` killed are none."""
        with self._lock:
            return sorted(self._done, key=Result.sort_key)

    def stop(self) -> None:
        """Kills every worker that is running and starts no more."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for worker in running:
            worker.kill()

    def one(self, job: Job) -> Result:
        """Runs one job to its end, or finds its result."""
        found = self.kept.find(job) if self.kept else None
        since = time.time()
        result = found or self._ran(job)
        if self.kept and not found:
            self.kept.keep(job, result, since)
        return saved(result, job, Path(job.artifacts) if job.artifacts else Path(job.root) / FOLDER)

    def _ran(self, job: Job) -> Result:
        started = time.monotonic()
        finished, root, copy = self.finished(job)
        if finished.code == OUR_BUG:
            said = f"{job.entry} {job.target}\n{finished.log.decode('utf-8', 'replace')}"
            self.bugs.append(printable(said, KEPT_LOG))
        result = read(finished, job, root)
        if copy:
            result = placed(result, copy)
        return replace(result, seconds={**result.seconds, "total": round(time.monotonic() - started, 3)})

    def finished(self, job: Job) -> tuple[Finished, str, Path | None]:
        """How a worker for this job ended, the root as it saw it, and the copy of the project that it was given."""
        launch = self.sandbox.launch(Path(job.root))
        sent = replace(job, root=launch.root)
        try:
            finished = self._finished(launch, sent.to_json().encode(), job.seconds)
        finally:
            launch.remove()
        if launch.container and finished.code > SIGNALLED:
            finished = replace(finished, code=SIGNALLED - finished.code)
        return finished, launch.root, launch.copy

    def _finished(self, launch: Launch, job: bytes, seconds: float) -> Finished:
        with self._lock:
            if self._stopped:
                return Finished(-signal.SIGTERM, b"", b"", False)
        worker = self._warm.start(launch) if self._warm else Fresh(launch)
        with self._lock:
            self._running.add(worker)
            stopped = self._stopped
        answer = _Pipe(worker.stdout, LARGEST_ANSWER + 1, first=True)
        log = _Pipe(worker.stderr, KEPT_LOG, first=False)
        code, late = -signal.SIGTERM, False
        try:
            if not stopped:
                _send(worker, job)
                code = worker.wait(seconds)
        except subprocess.TimeoutExpired:
            late = True
        finally:
            # the whole group: user code may have started processes of its own, which hold the pipes open
            worker.kill()
            code = worker.wait() if late or stopped else code
            with self._lock:
                self._running.discard(worker)
        return Finished(code, answer.text(), log.text(), late)


class _Pipe:
    """Drains a pipe to its end in a thread, keeping the first or the last `most` bytes."""

    def __init__(self, pipe: IO[bytes] | None, most: int, first: bool) -> None:
        self._pipe, self._most, self._first = pipe, most, first
        self._kept = b""
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        while self._pipe and (part := self._pipe.read1(65536)):
            if self._first:
                self._kept += part[: self._most - len(self._kept)]
            else:
                self._kept = (self._kept + part)[-self._most :]

    def text(self) -> bytes:
        self._thread.join(GRACE)
        return self._kept


def _send(worker: Worker, job: bytes) -> None:
    """Hands the job over; a worker that died at once cannot take it, which its exit tells better."""
    if worker.stdin:
        try:
            worker.stdin.write(job)
            worker.stdin.close()
        except BrokenPipeError:
            return


def read(finished: Finished, job: Job, root: str) -> Result:
    """The result a worker gave, or the one its end amounts to; `root` is the project's folder as the worker saw it."""
    empty = Result(job.entry, job.target, "crashed", opset=Opset(job.opset, None))
    log = finished.log.decode("utf-8", "replace")
    place = _dumped(log, root)
    if finished.late:
        return replace(empty, status="timeout", reason=f"no answer within {job.seconds:g} s", **place)
    if finished.answer:
        try:
            return parse_result(finished.answer, job)
        except ContractError as error:
            return replace(empty, reason=printable(f"the worker's answer breaks the contract: {error}"))
    return replace(empty, reason=printable(f"the worker {_ending(finished.code)}; {_last_words(log)}"), **place)


def _dumped(log: str, root: str) -> dict[str, Any]:
    """The user's innermost line in the stack that faulthandler left in a log."""
    start = max(log.rfind("Fatal Python error:"), log.rfind("Timeout ("))
    if start < 0:
        return {}
    code = UserCode(Path(root))
    place = code.innermost(reversed(list(code.in_text(log[start:]))))
    return {"path": printable(place.path), "line": place.line} if place else {}


def _ending(code: int) -> str:
    if code < 0:
        try:
            name = signal.Signals(-code).name
            return f"was killed by {name}" + (", as for too much memory" if name == "SIGKILL" else "")
        except ValueError:
            return f"was killed by signal {-code}"
    return f"ended with status {code} and no answer"


def _last_words(log: str) -> str:
    before, _, _ = log.partition("Fatal Python error:")
    lines = [line.strip() for line in before.splitlines() if line.strip()]
    return f"its last words: {lines[-1][:300]}" if lines else "it said nothing"

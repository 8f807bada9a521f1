"""The sweep: every case by every way out and at every opset, in worker processes with deadlines, resumable."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from exportlint.operators.table import DYNAMIC
from operators.measure import SIZES, Outcome
from operators.worker import serve

# Seconds for one cell, many times what it needs since other work may have the processor; for a new worker's start.
_CELL, _START = 120, 300
# Crashes in a row after which the remaining opsets of a case are taken to crash as well.
_CRASHES = 3


class Worker:
    """A worker process that is replaced when it dies or overruns."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def _start(self) -> None:
        self._connection, theirs = self._context.Pipe()
        self._process = self._context.Process(target=serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._fresh = True

    def ask(self, request: object, seconds: float) -> object:
        """The answer, or Outcome("crash") or Outcome("timeout"); after either the next request meets a new worker."""
        try:
            self._connection.send(request)
            if self._connection.poll(seconds + (_START if self._fresh else 0)):
                answer = self._connection.recv()
                self._fresh = False
                return answer
            outcome = Outcome("timeout", f"{seconds} s")
        except (EOFError, ConnectionError):
            self._process.join()
            outcome = Outcome("crash", f"exit status {self._process.exitcode}")
        self._process.kill()
        self._process.join()
        self._start()
        return outcome


Cell = tuple[str, str, int | None]
"""A case's key, a way out (a target, or one with " dynamic" after it), and an opset where there is one."""


class Results:
    """A JSON-lines file: a line for each case, then lines with cells. What stands in it is not measured again."""

    def __init__(self, path: Path) -> None:
        self.groups: dict[str, list[dict]] = {}
        self.cells: dict[Cell, list] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                self._take(json.loads(line))
        self._file = path.open("a")

    def _take(self, entry: dict) -> None:
        if "group" in entry:
            self.groups[entry["group"]] = entry["cases"]
        else:
            for opset, outcome in entry["outcomes"].items():
                self.cells[entry["key"], entry["exporter"], json.loads(opset)] = outcome

    def add(self, entry: dict) -> None:
        """Write one line and keep it."""
        self._take(json.loads(json.dumps(entry)))
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()


@dataclass(frozen=True)
class Pass:
    """One round: the groups whose names start so, how many cases of each (None for all), opsets by way out."""

    prefixes: tuple[str, ...]
    most: int | None
    opsets: dict[str, tuple[int | None, ...]]

    def only(self, ways: list[str]) -> Pass:
        """The same for these ways alone; for all where none is named."""
        return replace(self, opsets={way: at for way, at in self.opsets.items() if not ways or way in ways})


def sweep(results: Results, groups: list[str], passes: list[Pass]) -> None:
    """Measure what is missing, pass after pass."""
    worker = Worker()
    for number, one in enumerate(passes, start=1):
        began = time.monotonic()
        these = [group for group in groups if group.startswith(one.prefixes)]
        for index, group in enumerate(these, start=1):
            if group not in results.groups:
                answer = worker.ask(group, _CELL)
                cases = answer if isinstance(answer, list) else []
                note = {} if isinstance(answer, list) else {"failed": astuple(answer)[:2]}
                results.add({"group": group, "cases": cases, **note})
            for way, opsets in one.opsets.items():
                for case in chosen(results.groups[group], one.most, way, partial(_measured_sizes, worker, results)):
                    _measure(worker, results, (case["key"], way), opsets)
            if index % 50 == 0:
                print(f"pass {number}: {index}/{len(these)} groups, {time.monotonic() - began:.0f} s", flush=True)


def chosen(cases: list[dict], most: int | None, way: str, sizes: Callable[[str], str]) -> list[dict]:
    """The first usable cases; with dynamic shapes the first of which eager mode takes other sizes, if there are any.

    `sizes` gives the status of a case's cell SIZES. Where that crashes, there is nothing to measure.
    """
    usable = [case for case in cases if "unusable" not in case]
    if not way.endswith(DYNAMIC):
        return [case for case in cases[:most] if case in usable]
    resized = list(islice((case for case in usable if sizes(case["key"]) == "ok"), most))
    return resized or [case for case in usable[:most] if sizes(case["key"]) == "rigid"]


def _measured_sizes(worker: Worker, results: Results, key: str) -> str:
    _measure(worker, results, (key, SIZES), (None,))
    return results.cells[key, SIZES, None][0]


def _measure(worker: Worker, results: Results, case: tuple[str, str], opsets: tuple[int | None, ...]) -> None:
    """Add what was not measured yet of a case (its key and the way out)."""
    outcomes: dict[int | None, tuple] = {}
    for opset in (opset for opset in opsets if (*case, opset) not in results.cells):
        if _hopeless(list(outcomes.values())):
            last = [*outcomes.values()][-1][0]
            outcomes[opset] = (last, "as at a lower opset", None)
        else:
            outcomes[opset] = astuple(worker.ask((*case, opset), _CELL))
    if outcomes:
        results.add({"key": case[0], "exporter": case[1], "outcomes": outcomes})


def _hopeless(outcomes: list[tuple]) -> bool:
    """What takes too long at one opset does at the next, and what keeps crashing crashes again."""
    last = [status for status, *_ in outcomes[-_CRASHES:]]
    return "timeout" in last or last == ["crash"] * _CRASHES

"""The sweep: every case at every exporter and opset, in worker processes with deadlines, resumable."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

from operators.measure import Outcome
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


class Results:
    """A JSON-lines file: a line for each case, then lines with cells. What stands in it is not measured again."""

    def __init__(self, path: Path) -> None:
        self.groups: dict[str, list[dict]] = {}
        self.cells: dict[tuple[str, str, int], list] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                self._take(json.loads(line))
        self._file = path.open("a")

    def _take(self, entry: dict) -> None:
        if "group" in entry:
            self.groups[entry["group"]] = entry["cases"]
        else:
            for opset, outcome in entry["outcomes"].items():
                self.cells[entry["key"], entry["exporter"], int(opset)] = outcome

    def add(self, entry: dict) -> None:
        """Write one line and keep it."""
        self._take(json.loads(json.dumps(entry)))
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()


@dataclass(frozen=True)
class Pass:
    """One round: the groups whose names start so, how many cases of each (None for all), opsets by exporter."""

    prefixes: tuple[str, ...]
    most: int | None
    opsets: dict[str, tuple[int, ...]]


def sweep(results: Results, groups: list[str], passes: list[Pass]) -> None:
    """Measure what is missing, pass after pass."""
    worker = Worker()
    for number, one in enumerate(passes, start=1):
        began = time.monotonic()
        chosen = [group for group in groups if group.startswith(one.prefixes)]
        for index, group in enumerate(chosen, start=1):
            if group not in results.groups:
                answer = worker.ask(group, _CELL)
                cases = answer if isinstance(answer, list) else []
                note = {} if isinstance(answer, list) else {"failed": astuple(answer)[:2]}
                results.add({"group": group, "cases": cases, **note})
            for case in results.groups[group][: one.most]:
                if "unusable" not in case:
                    for entry in _cells(worker, results, case["key"], one.opsets):
                        results.add(entry)
            if index % 50 == 0:
                print(f"pass {number}: {index}/{len(chosen)} groups, {time.monotonic() - began:.0f} s", flush=True)


def _cells(worker: Worker, results: Results, key: str, opsets: dict[str, tuple[int, ...]]) -> Iterator[dict]:
    for exporter, wanted in opsets.items():
        missing = [opset for opset in wanted if (key, exporter, opset) not in results.cells]
        outcomes: dict[int, tuple] = {}
        for opset in missing:
            if _hopeless(list(outcomes.values())):
                last = [*outcomes.values()][-1][0]
                outcomes[opset] = (last, "as at a lower opset", None)
            else:
                outcomes[opset] = astuple(worker.ask((key, exporter, opset), _CELL))
        if outcomes:
            yield {"key": key, "exporter": exporter, "outcomes": outcomes}


def _hopeless(outcomes: list[tuple]) -> bool:
    """What takes too long at one opset does at the next, and what keeps crashing crashes again."""
    last = [status for status, *_ in outcomes[-_CRASHES:]]
    return "timeout" in last or last == ["crash"] * _CRASHES

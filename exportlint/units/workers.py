"""Units in processes of their own, each unit with a deadline: a hang or a crash costs one unit and is said.

A process takes the units of the files that it read before, since they are still in its memory, and then helps the one
that has most left to do.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import FunctionType, ModuleType

from exportlint.units.work import Common, Outcome, Unit, perform

resource: ModuleType | None = None
with suppress(ImportError):  # Windows has none, and no deadline
    import resource

_OUT_OF_TIME = getattr(signal, "SIGXCPU", 0)
_FEW = 4  # units that are done sooner than another process is started
DEADLINE = 30  # seconds of processor time for a unit; the slowest of transformers takes about 2
_STACK = 512 << 20  # bytes, of address space only: deep nesting ends in a RecursionError, not in a dead process
_ROOM = 16 << 20  # bytes of address space for Python's frames: some ten thousand of them
_PATIENCE = 5.0  # seconds


class Lost(Exception):
    """A unit came to no end; the text says why."""


class Crash(Exception):
    """Our own code raised while it did a unit: a bug of ours. Names the file and carries the traceback."""


def cores() -> int:
    """How many processes can run at a time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool:
    """Some processes, from the first unit on until `stop`."""

    def __init__(self, common: Common, processes: int) -> None:
        self._common = common
        self._most = processes
        self._workers: list[_Worker] = []
        self._homes: dict[Path, int] = {}
        self._backwards = False

    def perform(self, units: Sequence[Unit]) -> Iterator[tuple[int, Outcome | Lost]]:
        """What comes of each unit, by its place in the list, in the order in which they end. Raises Crash.

        The list may grow while it is gone through: what is added after a unit's end is what its worker does next.
        """
        self._start(min(self._most, -(-len(units) // _FEW)))
        queues = self._queues(units)
        known = len(units)
        for index, worker in enumerate(self._workers):
            worker.take(units, queues, index)
        while busy := [(index, worker) for index, worker in enumerate(self._workers) if worker.doing is not None]:
            ready = wait([worker.pipe for _, worker in busy])
            for index, worker in busy:
                if worker.pipe in ready:
                    place = worker.doing
                    self._homes[units[place].file] = index
                    yield place, worker.result()
                    queues[index].extendleft(range(known, len(units)))
                    known = len(units)
                    worker.take(units, queues, index)

    def stop(self) -> None:
        """End all processes, whatever they do."""
        for worker in self._workers:
            worker.kill()  # all at once: to give back a gigabyte takes a while
        for worker in self._workers:
            worker.stop()

    def _start(self, processes: int) -> None:
        if len(self._workers) < processes:
            gc.collect()
            gc.freeze()  # what is there now stays shared between the processes
        while len(self._workers) < processes:
            self._workers.append(_Worker(self._common))

    def _queues(self, units: Sequence[Unit]) -> list[deque[int]]:
        """Which units are for which worker first: neighbours share modules.

        Each other time they stand in reverse, so that a worker begins with the files that it still holds.
        """
        queues: list[deque[int]] = [deque() for _ in self._workers]
        places = range(len(units))
        for place in reversed(places) if self._backwards else places:
            queues[self._homes.get(units[place].file, place * len(queues) // len(units))].append(place)
        self._backwards ^= bool(units)
        return queues


class _Worker:
    """One process; a new one is started after it died."""

    def __init__(self, common: Common) -> None:
        self._common = common
        self.doing: int | None = None
        self._start()

    def take(self, units: Sequence[Unit], queues: Sequence[deque[int]], own: int) -> None:
        """Go on with the next unit, one of another worker's where the own ones are done."""
        longest = max(queues, key=len)
        self.doing = queues[own].popleft() if queues[own] else longest.pop() if longest else None
        if self.doing is not None:
            self.pipe.send(units[self.doing])

    def result(self) -> Outcome | Lost:
        """What came of the unit. Raises Crash."""
        try:
            answer = self.pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            if self._process.exitcode == -_OUT_OF_TIME:
                answer = Lost(f"not analysed within {DEADLINE} seconds")
            else:
                answer = Lost("its analysis ended the process that did it: too deep, or too much memory")
            self.stop()
            self._start()
        if isinstance(answer, Crash):
            raise answer
        return answer

    def kill(self) -> None:
        """Have the process end, whatever it does."""
        self._process.kill()

    def stop(self) -> None:
        """End the process and let go of it."""
        self.kill()
        self.pipe.close()
        self._process.join()

    def _start(self) -> None:
        context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._common), daemon=True)
        self._process.start()
        theirs.close()


def _serve(pipe: Connection, common: Common) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the parent's to handle
    gc.disable()  # trees and values hardly ever form cycles; those that do go with the process
    threading.stack_size(_STACK)
    thread = threading.Thread(target=_with_room(_answer), args=(pipe, common))
    thread.start()
    thread.join()


def _with_room(function: Callable[..., None]) -> Callable[..., None]:
    """The function, called with a frame so large that the frames of all calls below it find room beside it.

    CPython from 3.11 on keeps frames in blocks of 16 KiB (Python/pystate.c, push_chunk), maps a new one when a call
    needs it and unmaps it when that call returns; a deep recursion crosses the border of a block all the time. A block
    for a large frame is as large as the next power of two, and what nobody writes to takes no memory.
    """
    if sys.version_info < (3, 11):
        return function
    code = function.__code__.replace(co_stacksize=_ROOM // 8 + 1)
    return FunctionType(code, function.__globals__, function.__name__, function.__defaults__)


def _answer(pipe: Connection, common: Common) -> None:
    project, parent = common.project(), os.getppid()
    while True:
        while not pipe.poll(_PATIENCE):
            if os.getppid() != parent:  # it was killed, and nobody waits for an answer
                return
        try:
            unit = pipe.recv()
        except (EOFError, OSError):
            return
        _limit(DEADLINE)
        try:
            answer: object = perform(unit, common, project)
        except (RecursionError, MemoryError):
            answer = Lost("nested too deeply to be analysed")
        except Exception:
            answer = Crash(f"the analysis of {project.show(unit.file)} crashed:\n{traceback.format_exc()}")
        pipe.send(answer)


def _limit(seconds: int) -> None:
    """Have the system end this process when it has worked so much longer."""
    if resource is not None:
        spent = resource.getrusage(resource.RUSAGE_SELF)
        until = int(spent.ru_utime + spent.ru_stime) + 1 + seconds
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))

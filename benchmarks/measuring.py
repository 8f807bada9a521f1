"""Runs a program and says what it took: wall time, processor time and memory of all its processes."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

EVERY = 0.05  # seconds between two looks at the memory
SELDOM = 50  # times as long as a look takes: to look through a gigabyte would slow down what is measured


@dataclass(frozen=True)
class Figures:
    """Seconds of wall time, seconds of processor time in all processes, and megabytes in all of them together."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Done:
    """What a program took, and what it wrote."""

    figures: Figures
    status: int
    output: str
    errors: str


def run(command: Sequence[str], environment: Mapping[str, str], cwd: Path, cores: Iterable[int] = ()) -> Done:
    """Run a program to its end, on some cores only if they are named."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        before, start = os.times(), time.perf_counter()
        process = psutil.Popen(command, env=dict(environment), cwd=cwd, stdout=output, stderr=errors)
        if cores:
            process.cpu_affinity(list(cores))
        most, pause = 0, EVERY
        while True:
            try:
                status = process.wait(timeout=pause)
                break
            except (subprocess.TimeoutExpired, psutil.TimeoutExpired):
                looked = time.perf_counter()
                most = max(most, _memory(process))
                pause = max(EVERY, SELDOM * (time.perf_counter() - looked))
        wall, after = time.perf_counter() - start, os.times()
        cpu = after.children_user - before.children_user + after.children_system - before.children_system
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
        return Done(Figures(wall, cpu, most / 1e6), status, *texts)


def _memory(process: psutil.Process) -> int:
    """Bytes of a process and its children, what they share counted in parts where the system tells."""
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            memory = one.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
    except psutil.Error:  # it has just ended
        return total
    return total


def median(figures: Sequence[Figures]) -> Figures:
    """The median of each figure on its own."""
    return Figures(*(statistics.median(getattr(f, name) for f in figures) for name in ("wall", "cpu", "memory")))

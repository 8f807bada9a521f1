"""Observes models, each in a process of its own: what a model does to torch or to memory ends with it."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

import torch

from truth import zoo
from truth.observe import Row, observe

_DEADLINE = 240  # seconds a model
_FORK = multiprocessing.get_context("fork")  # torch and the packages are loaded once

Job = tuple[str, str]  # package, name of a model


@dataclass(frozen=True)
class _Running:
    job: Job
    process: BaseProcess
    until: float


def observed(jobs: list[Job], targets: tuple[str, ...], workers: int) -> Iterator[Row]:
    """Rows as they come. A model that takes too long, or that ends its process, says so in `error`."""
    for package in {package for package, _ in jobs}:
        zoo.load(package)
    waiting, running = list(reversed(jobs)), dict[Connection, _Running]()
    while waiting or running:
        while waiting and len(running) < workers:
            running |= [_start(waiting.pop(), targets)]
        for end in wait(list(running), timeout=1):
            assert isinstance(end, Connection)
            yield _row(end, running.pop(end))
        for end in [end for end, one in running.items() if time.monotonic() > one.until]:
            one = running.pop(end)
            one.process.kill()
            yield Row(*one.job, error=f"took more than {_DEADLINE} seconds")


def _start(job: Job, targets: tuple[str, ...]) -> tuple[Connection, _Running]:
    here, there = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_observe, args=(there, job, targets), daemon=True)
    process.start()
    there.close()  # so that the end of the process ends the pipe
    return here, _Running(job, process, time.monotonic() + _DEADLINE)


def _observe(end: Connection, job: Job, targets: tuple[str, ...]) -> None:
    torch.set_num_threads(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # torch prints the graph of every export that it refuses
    os.dup2(nowhere, 2)
    end.send(observe(*job, targets))


def _row(end: Connection, one: _Running) -> Row:
    try:
        row = end.recv()
    except EOFError:
        row = Row(*one.job, error="ended its process")
    one.process.join()
    return row

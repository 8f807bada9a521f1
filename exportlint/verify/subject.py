"""What the checks beyond the export look at: the exported files, and inputs with what eager PyTorch answers to them."""

from __future__ import annotations

import math
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from exportlint.verify.eager import Eager, fresh_call
from exportlint.verify.endings import Failed
from exportlint.verify.judging.compare import compare, compare_flat
from exportlint.verify.judging.noise import measured
from exportlint.verify.judging.tolerance import Noise
from exportlint.verify.searching.families import changed
from exportlint.verify.structure import tensors
from exportlint.verify.targets import Call, Exported

FRESH = 3  # inputs beside the example
MADE = ("fresh", "permuted")

Run = Callable[[Call], Any]


@dataclass(frozen=True)
class Sample:
    """A call, eager's answer to it, and eager's own rounding error there."""

    call: Call
    expected: Any
    noise: Noise


@dataclass(frozen=True)
class Subject:
    """An export that agrees with eager PyTorch on `call`. `folder` is for whatever a check writes."""

    exported: Exported
    eager: Eager
    call: Call
    seed: int
    folder: Path

    @cached_property
    def samples(self) -> Sequence[Sample]:
        """The example and a few further inputs; made when the first check asks, which of a large model takes long."""
        return _samples(self.eager, self.call, self.seed)

    @property
    def file(self) -> Path:
        """The exported file. Raises Failed where the export could not be saved."""
        if not self.exported.files:
            raise Failed("the export was not saved to a file")
        return self.exported.files[0]

    @property
    def size(self) -> int:
        """Bytes of the exported files, weights beside the graph included."""
        return sum(file.stat().st_size for file in self.exported.files)

    def agree(self, run: Run, what: str) -> float:
        """The largest difference from eager over all samples. Raises Failed where one is above tolerance."""
        largest = 0.0
        for sample in self.samples:
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                got = run(fresh_call(sample.call))
            judge = compare_flat if self.exported.flat else compare
            compared = judge(sample.expected, got, sample.noise)
            if compared.difference:
                found = compared.difference
                where = f"output {found.output}: " if found.output else ""
                raise Failed(f"{what}: {where}{found.reason}: expected {found.expected}, got {found.got}")
            largest = max(largest, compared.max_abs)
        return largest

    def drop(self, run: Run) -> float:
        """How far the answers of a less exact version are from eager's: |difference| over |answer|, the worst output.

        Raises Failed where an answer is not finite although eager's is.
        """
        worst = 0.0
        for sample in self.samples:
            got = run(fresh_call(sample.call))
            expected = [leaf for _, leaf in tensors(sample.expected)]
            if len(got) != len(expected):
                raise Failed(f"expected {len(expected)} outputs, got {len(got)}")
            for one, other in zip(expected, got, strict=True):
                worst = max(worst, _distance(one, other))
        return worst

    def milliseconds(self, runs: Sequence[Run], times: int = 20) -> list[float]:
        """The median time of each on the example; they take turns, so that a busy machine is busy for all."""
        taken: list[list[float]] = [[] for _ in runs]
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _ in range(times):
                for run, mine in zip(runs, taken, strict=True):
                    call = fresh_call(self.call)
                    started = time.perf_counter()
                    run(call)
                    mine.append(1000 * (time.perf_counter() - started))
        return [statistics.median(mine) for mine in taken]


def _samples(eager: Eager, call: Call, seed: int) -> list[Sample]:
    generator = torch.Generator().manual_seed(seed)
    calls = [call]
    for number in range(FRESH):
        leaves = {n: changed(leaf, MADE[number % len(MADE)], generator) for n, leaf in call.leaves().items()}
        calls.append(call.with_leaves(leaves))
    found = []
    for one in calls:
        try:
            run = eager.run(one, seed)
        except Exception:  # eager itself refuses this input: it says nothing about the export
            continue
        found.append(Sample(one, run.output, measured(eager, one, seed, run)))
    return found


def _distance(expected: torch.Tensor, got: torch.Tensor) -> float:
    if expected.shape != got.shape:
        raise Failed(f"expected shape {list(expected.shape)}, got {list(got.shape)}")
    if not expected.is_floating_point():
        return float((expected != got).double().mean()) if expected.numel() else 0.0
    one, other = expected.detach().double(), got.double()
    usable = one.isfinite()
    if not bool(other[usable].isfinite().all()):
        raise Failed("an answer became NaN or infinite")
    size = float(one[usable].norm())
    apart = float((one - other)[usable].norm())
    return apart / size if size else (math.inf if apart else 0.0)


def share(part: float) -> str:
    """A part of one as text."""
    return f"{100 * part:.2g} %"

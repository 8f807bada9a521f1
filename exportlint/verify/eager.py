"""The truth: eager PyTorch in eval mode, each time from a fresh copy of the model and of its inputs."""

from __future__ import annotations

import copy
import inspect
import math
import random
import re
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import torch

from exportlint.verify.clock import limited
from exportlint.verify.frames import Place, UserCode
from exportlint.verify.judging.compare import compare
from exportlint.verify.searching.decisions import Record, recorded
from exportlint.verify.structure import cloned, tensors
from exportlint.verify.targets import Call
from exportlint.verify.watching import Watching

# what gives indices or is decided by an order, and what divides by a variance
_RANKING = r"topk|.*sort|arg(max|min)|max|min|(nan)?median|mode|kthvalue|_?cum(max|min).*|_?unique.*|.*pool.*indices"
_NORMALISING = r".*(batch|group|layer|instance|rms)_norm.*|(var|std)(_mean)?"
ROUNDED_UP = re.compile(f"{_RANKING}|{_NORMALISING}")

UNUSUAL = re.compile(r"is(nan|inf|finite|posinf|neginf)|nan.*")
CALLS = 3  # in a row, after which a model that remembers has shown it


@dataclass(frozen=True)
class Run:
    """One eager run: what it returned, the call with whatever the model did to its inputs, and what it decided."""

    output: Any
    call: Call
    record: Record


def seed_all(seed: int) -> None:
    """Seeds the generators that a model may draw from."""
    torch.manual_seed(seed)
    random.seed(seed)
    numpy.random.seed(seed % 2**32)


def fresh_call(call: Call) -> Call:
    """A call whose tensors share nothing with the original's."""
    args, kwargs = cloned((list(call.args), dict(call.kwargs)))
    return Call(tuple(args), kwargs, call.signature)


def fresh_model(model: torch.nn.Module) -> torch.nn.Module:
    """A deep copy, or the model itself where it cannot be copied (a tensor with history kept as an attribute)."""
    try:
        return copy.deepcopy(model)
    except (RuntimeError, TypeError, AttributeError):
        return model


class _Looking(Watching):
    """Notes whether an operator ran whose name is one of a kind."""

    def __init__(self, kind: re.Pattern[str]) -> None:
        super().__init__()
        self.kind, self.seen = kind, False

    def operator(self, func: Any, args: Sequence, kwargs: Mapping) -> Any:
        """Run an operator."""
        self.seen = self.seen or self.kind.fullmatch(func.overloadpacket.__name__) is not None
        return func(*args, **kwargs)


class Eager:
    """Runs one model in eager mode. It must be in eval mode. `limit`: seconds for one call, None for no limit.

    `cost`: seconds of the fastest call so far, with its copy of the model, infinite before the first; `latest`: of the
    last. `compiled` are the lines that called torch.compile while the model was built.
    """

    def __init__(self, model: torch.nn.Module, code: UserCode, compiled: tuple[Place, ...] = ()) -> None:
        self.model = model
        self.code = code
        self.compiled = compiled
        self.limit: float | None = None
        self.cost = self.latest = math.inf

    def run(self, call: Call, seed: int) -> Run:
        """One call on a fresh copy. Raises whatever the model raises."""
        return self.runs([call], seed)[0]

    def runs(self, calls: list[Call], seed: int) -> list[Run]:
        """Several calls in a row on one fresh copy of the model. Raises whatever the model raises."""
        started = time.monotonic()
        model, done = fresh_model(self.model), []
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seed_all(seed)
            for call in calls:
                mine = fresh_call(call)
                with limited(self.limit), recorded(self.code) as record:
                    output = model(*mine.args, **mine.kwargs)
                done.append(Run(cloned(output), mine, record))
        self.latest = (time.monotonic() - started) / len(calls)
        self.cost = min(self.cost, self.latest)
        return done

    def magnifies_rounding(self, call: Call, seed: int) -> bool:
        """Whether an operator of this run makes much of how equal values were rounded.

        One that orders them may have them come out either way round; one that normalises them divides by a variance
        that is nothing but rounding.
        """
        return self._uses(ROUNDED_UP, call, seed)

    def expects_unusual(self, call: Call, seed: int) -> bool:
        """Whether an operator of this run asks for NaN or infinity: then what becomes of them is meant."""
        return self._uses(UNUSUAL, call, seed)

    def _uses(self, kind: re.Pattern[str], call: Call, seed: int) -> bool:
        model, mine = fresh_model(self.model), fresh_call(call)
        with torch.no_grad(), warnings.catch_warnings(), _Looking(kind) as looking:
            warnings.simplefilter("ignore")
            seed_all(seed)
            model(*mine.args, **mine.kwargs)
        return looking.seen

    def is_random(self, call: Call) -> bool:
        """Whether two runs with different seeds differ."""
        return compare(self.run(call, 1).output, self.run(call, 2).output).difference is not None

    def is_stateful(self, call: Call) -> bool:
        """Whether a later call in a row answers otherwise than the first."""
        first, *later = self.runs([call] * CALLS, 1)
        return any(compare(first.output, other.output).difference is not None for other in later)

    def forward_place(self) -> Place | None:
        """Where forward is defined, None where that is not in the user's code."""
        # the class of a scripted module has none
        code = getattr(inspect.unwrap(getattr(type(self.model), "forward", None)), "__code__", None)
        return self.code.place(code.co_filename, code.co_firstlineno) if code else None


def all_finite(output: Any) -> bool:
    """Whether no number in an output is NaN or infinite."""
    return all(bool(t.isfinite().all()) for _, t in tensors(output) if t.is_floating_point() or t.is_complex())

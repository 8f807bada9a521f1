"""Example inputs for a built model, by trial."""

from __future__ import annotations

import inspect
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import torch

from exportlint.verify.infer.facts import facts_of
from exportlint.verify.infer.parameters import is_tensor, starting, wanted
from exportlint.verify.infer.proposals import proposals
from exportlint.verify.infer.repairs import repaired
from exportlint.verify.infer.trial import Proposal, Trial, attempt
from exportlint.verify.shapes import Shape, written
from exportlint.verify.structure import tensors

MOST_TRIALS = 160
DEEPEST = 6  # repairs of repairs
WIDEST = 12  # repairs of one failure


class NotFound(Exception):
    """No call ran; the text says how many were tried and what the likeliest one met."""


@dataclass(frozen=True)
class Found:
    """Inputs on which the model ran, as texts of the configuration; `named` with its batch as a dynamic dimension."""

    fixed: Mapping[str, str]
    named: Mapping[str, str]
    trials: int


@dataclass
class Searching:
    """Finds shapes that forward takes. `seconds` bounds the search; `first` are proposals to try before all others."""

    model: torch.nn.Module
    seed: int
    seconds: float
    first: tuple[Proposal, ...] = ()
    trials: int = 0
    _seen: set[tuple] = field(default_factory=set)
    _complaint: str = ""

    def found(self) -> Found:
        """Raises NotFound."""
        deadline = time.monotonic() + self.seconds
        parameters = [parameter for parameter in wanted(self.model) if is_tensor(parameter) or parameter.required]
        start = starting(parameters, self.model)
        if not start:
            raise NotFound("forward takes no tensor by name")
        odd = [parameter.name for parameter in start if not is_tensor(parameter)]
        if odd and not self.first:
            raise NotFound(f"{', '.join(odd)} is annotated as no tensor")
        facts = facts_of(self.model)
        waiting: deque[tuple[Proposal, int]] = deque((one, 0) for one in self.first)
        planned = proposals(start, facts, _documentation(self.model))
        while self.trials < MOST_TRIALS and time.monotonic() < deadline:
            if not waiting:
                following = next(planned, None)
                if following is None:
                    break
                waiting.append((following, 0))
            proposal, depth = waiting.popleft()
            trial = self._tried(proposal)
            if trial is None:
                continue
            if trial.ran:
                return self._described(proposal)
            if depth < DEEPEST and trial.error is not None:
                repairs = self._unseen(repaired(proposal, trial, parameters, facts))
                waiting.extendleft(reversed([(one, depth + 1) for one in repairs]))
        raise NotFound(f"none of {self.trials} calls ran; the first: {self._complaint or 'returned no tensor'}")

    def _unseen(self, offered: Iterator[Proposal]) -> list[Proposal]:
        fresh: dict[tuple, Proposal] = {}
        for proposal in offered:
            if _key(proposal) not in self._seen:
                fresh.setdefault(_key(proposal), proposal)
            if len(fresh) == WIDEST:
                break
        return list(fresh.values())

    def _tried(self, proposal: Proposal) -> Trial | None:
        """How a proposal went, None where it was tried before. What runs on fake tensors is run on real ones."""
        if _key(proposal) in self._seen:
            return None
        self._seen.add(_key(proposal))
        self.trials += 1
        trial = attempt(self.model, proposal, self.seed, fake=True)
        if trial.error is None or trial.needs_values:
            trial = attempt(self.model, proposal, self.seed, fake=False)
        self._complaint = self._complaint or trial.message[:300]
        return trial

    def _described(self, proposal: Proposal) -> Found:
        rows = next(iter(proposal.values())).sizes[:1]
        named = {name: _with_batch(shape, rows) for name, shape in proposal.items()}
        varies = bool(rows) and self._follows_batch(named, rows[0] + 1)
        fixed = {name: written(shape) for name, shape in proposal.items()}
        texts = {name: written(shape) for name, shape in named.items()}
        return Found(fixed, texts if varies else fixed, self.trials)

    def _follows_batch(self, named: Proposal, rows: int) -> bool:
        """Whether the outputs get as many rows as the inputs; that the model runs says only that it broadcasts."""
        larger = {n: replace(s, sizes=(rows, *s.sizes[1:])) if s.dynamic else s for n, s in named.items()}
        trial = attempt(self.model, larger, self.seed, fake=False)
        return trial.ran and all(tensor.dim() == 0 or tensor.shape[0] == rows for _, tensor in tensors(trial.output))


def _with_batch(shape: Shape, rows: tuple[int, ...]) -> Shape:
    return replace(shape, dynamic={0: "batch"}) if shape.sizes and shape.sizes[:1] == rows else shape


def _key(proposal: Proposal) -> tuple:
    return tuple((name, shape.dtype, shape.sizes, shape.bound) for name, shape in proposal.items())


def _documentation(model: torch.nn.Module) -> str:
    texts = (inspect.getdoc(model.forward), type(model).__doc__)
    return "\n".join(text for text in texts if text)

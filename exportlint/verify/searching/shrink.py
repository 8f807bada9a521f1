"""Makes an input that shows a failure small and plain: the smallest sizes, then the simplest values that show it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

import torch

from exportlint.verify.clock import ENDING, TimeIsUp
from exportlint.verify.searching.families import Leaf
from exportlint.verify.searching.outcome import Trial
from exportlint.verify.searching.search import Search

MOST_TRIES = 150
LONGEST = 5.0  # seconds
MOST_ELEMENTS = 100_000  # of a tensor that is simplified part by part
PLAINEST = (0, 1, -1, 2)

Keeps = Callable[[Trial], bool]


class Shrinker:
    """Shrinks one trial. `keeps` says whether a smaller trial still shows the same failure."""

    def __init__(self, search: Search, keeps: Keeps) -> None:
        self.search, self.keeps = search, keeps
        self._left = MOST_TRIES
        self._until = time.monotonic() + LONGEST

    def shrunk(self, trial: Trial, dynamic: Mapping[str, Mapping[int, str]]) -> Trial:
        """The smallest trial found; the same one when nothing smaller fails alike."""
        self.best = trial
        with suppress(TimeIsUp), self.search.clock.until(ENDING):
            for label in sorted({label for axes in dynamic.values() for label in axes.values()}):
                self._shorten(label, dynamic)
            for name in trial.candidate.leaves:
                self._simplify(name)
        return self.best

    def _shorten(self, label: str, dynamic: Mapping[str, Mapping[int, str]]) -> None:
        places = [(name, axis) for name, axes in dynamic.items() for axis, own in axes.items() if own == label]
        for size in (1, 2, 3, 4, 5, 6, 8, 12, 16, 32, 64):
            leaves = dict(self.best.candidate.leaves)
            if any(leaves[name].shape[axis] <= size for name, axis in places):
                return
            for name, axis in places:
                leaves[name] = leaves[name].narrow(axis, 0, size).clone()
            if self._try(leaves):
                return

    def _simplify(self, name: str) -> None:
        leaf = self.best.candidate.leaves[name]
        for plain in _plainer(leaf):
            if self._try_leaf(name, plain, tied=isinstance(leaf, torch.Tensor)):
                return
        if isinstance(leaf, torch.Tensor) and leaf.layout == torch.strided and not leaf.is_quantized:
            self._clear(name)
            self._round(name)

    def _clear(self, name: str) -> None:
        """Sets ever smaller parts to zero, as far as that keeps the failure."""
        count = self.best.candidate.leaves[name].numel()
        part = (count + 1) // 2
        while 1 < count <= MOST_ELEMENTS and part and self._left > 0:
            for start in range(0, count, part):
                cleared = self.best.candidate.leaves[name].clone(memory_format=torch.contiguous_format)
                chosen = cleared.view(-1)[start : start + part]
                if bool((chosen != 0).any()):
                    chosen.zero_()
                    self._try_leaf(name, cleared, tied=True)
            part = part // 2

    def _round(self, name: str) -> None:
        leaf = self.best.candidate.leaves[name]
        for places in (0, 1, 2) if leaf.is_floating_point() else ():
            rounded = leaf.double().round(decimals=places).to(leaf.dtype)
            if not torch.equal(rounded, leaf) and self._try_leaf(name, rounded, tied=True):
                return

    def _try_leaf(self, name: str, leaf: Leaf, tied: bool) -> bool:
        return self._try({**self.best.candidate.leaves, name: leaf}, tied)

    def _try(self, leaves: Mapping[str, Leaf], tied: bool = False) -> bool:
        self._left -= 1
        if self._left < 0 or time.monotonic() > self._until:
            return False
        candidate = self.best.candidate
        trial = self.search.tried(replace(candidate, leaves=leaves, tied=candidate.tied or tied))
        if trial is None or not self.keeps(trial):
            return False
        self.best = trial
        return True


def _plainer(leaf: Leaf) -> Iterator[Leaf]:
    """Values that anybody would try first, those of a tensor the same everywhere; nothing for one that is so plain."""
    if isinstance(leaf, torch.Tensor):
        if leaf.is_quantized or leaf.layout != torch.strided or leaf.numel() == 0:
            return
        kinds = (False, True) if leaf.dtype == torch.bool else PLAINEST
        for value in kinds:
            full = torch.full_like(leaf, value) if value >= 0 or leaf.dtype != torch.uint8 else leaf
            if torch.equal(full, leaf):
                return
            yield full
    elif type(leaf) in (int, float):
        for value in PLAINEST:
            if leaf == value:
                return
            yield type(leaf)(value)

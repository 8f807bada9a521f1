"""Records, in an eager run, where Python decided something: which line came next, and tensors that became values."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import torch
import torch.nn.functional as functional

from exportlint.verify.frames import Place, UserCode
from exportlint.verify.searching import conditions

VALUE_READS = ("__bool__", "__int__", "__float__", "__complex__", "__index__", "item", "tolist")
OTHER_READS = ("__len__", "__iter__", "numpy", "__array__")
DROPOUTS = ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")
MOST_STEPS = 10_000  # after this many the rest of a run is not recorded
Key = tuple[str, int, str]
"""(path, line, how): how is a name of `VALUE_READS` or `OTHER_READS`, "shape", "branch" or "dropout"."""


@dataclass
class Record:
    """What one run decided: for each key its outcomes in order. Keys stand in the order of their first occurrence.

    `numbers` are those that a line compares with, and `files` the names under which Python knows the paths.
    """

    outcomes: dict[Key, list[object]] = field(default_factory=dict)
    steps: int = 0
    numbers: dict[tuple[str, int], frozenset[float]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def add(self, place: Place, how: str, outcome: object) -> None:
        """Adds one outcome, up to `MOST_STEPS` in all."""
        if self.steps < MOST_STEPS:
            self.steps += 1
            self.outcomes.setdefault((place.path, place.line, how), []).append(outcome)

    def differing(self, other: Record) -> list[Key]:
        """Keys of this run whose outcomes are others in `other`, in this run's order."""
        return [key for key, outcomes in self.outcomes.items() if outcomes != other.outcomes.get(key)]

    def lines(self) -> dict[str, set[int]]:
        """The user's lines that ran, by file."""
        ran: dict[str, set[int]] = {}
        for (path, line, how), outcomes in self.outcomes.items():
            ran.setdefault(path, set()).add(line)
            if how == "branch":
                ran[path].update(outcome for outcome in outcomes if isinstance(outcome, int))
        return ran

    def tests(self, hows: Sequence[str]) -> dict[tuple[str, int], set[object]]:
        """Where a test of a tensor, or of what was read from one in these ways, went: True or False, or a line."""
        seen: dict[tuple[str, int], set[object]] = {}
        reads: dict[str, set[int]] = {}
        for (path, line, how), outcomes in self.outcomes.items():
            if how == "__bool__":
                whole = path in self.files and line in conditions.joined(self.files[path])
                went = self.outcomes.get((path, line, "branch"), outcomes) if whole else outcomes
                seen.setdefault((path, line), set()).update(went)
            elif how in hows:
                reads.setdefault(path, set()).add(line)
        for path, lines in reads.items():
            for line in conditions.depending(self.files[path], frozenset(lines)) if path in self.files else ():
                if (path, line) not in seen and (path, line, "branch") in self.outcomes:
                    seen[path, line] = set(self.outcomes[path, line, "branch"])
        return seen

    def hows(self, path: str, line: int) -> set[str]:
        """The ways in which a line read a tensor."""
        return {how for (file, number, how) in self.outcomes if (file, number) == (path, line)}


@contextmanager
def recorded(code: UserCode) -> Iterator[Record]:
    """Records what happens inside the `with`, by patching torch.Tensor and tracing the user's lines."""
    record = Record()
    undo = _patch_tensor(record, code) + _patch_dropouts(record, code)
    before = sys.gettrace()
    sys.settrace(_line_tracer(record, code))
    try:
        yield record
    finally:
        sys.settrace(before)
        for restore in undo:
            restore()


def _line_tracer(record: Record, code: UserCode) -> Callable:
    def on_call(frame: FrameType, event: str, _: Any) -> Callable | None:
        file = frame.f_code.co_filename
        own = code.place(file, 1)
        if own is None:
            return None
        record.files[own.path] = file
        previous, compared = [frame.f_lineno], conditions.compared(file)

        def on_line(frame: FrameType, event: str, _: Any) -> Callable:
            place = code.place(file, previous[0])
            if place and event in ("line", "return") and previous[0] in compared:
                key = (place.path, place.line)
                if key not in record.numbers:
                    record.numbers[key] = conditions.numbers(compared[previous[0]], frame)
            if event == "line":
                if place:
                    record.add(place, "branch", frame.f_lineno)
                previous[0] = frame.f_lineno
            return on_line

        return on_line

    return on_call


def _patch_tensor(record: Record, code: UserCode) -> list[Callable[[], None]]:
    def reader(name: str, original: Callable) -> Callable:
        def read(self: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
            answer = original(self, *args, **kwargs)
            place = code.above(sys._getframe(1))
            if place:
                plain = isinstance(answer, (bool, int, float, complex))
                record.add(place, name, answer if plain else str(answer)[:200] if name == "tolist" else None)
            return answer

        return read

    undo = [_replace(torch.Tensor, name, reader) for name in (*VALUE_READS, *OTHER_READS)]

    def sized(name: str, original: Callable) -> Callable:
        def size(self: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
            caller = sys._getframe(1)
            place = code.place(caller.f_code.co_filename, caller.f_lineno)
            answer = original(self, *args, **kwargs)
            if place:
                record.add(place, "shape", answer if isinstance(answer, int) else tuple(answer))
            return answer

        return size

    undo.append(_replace(torch.Tensor, "size", sized))
    shape = torch.Tensor.shape
    torch.Tensor.shape = property(sized("shape", shape.__get__))
    undo.append(lambda: delattr(torch.Tensor, "shape"))
    return undo


def _patch_dropouts(record: Record, code: UserCode) -> list[Callable[[], None]]:
    def dropping(name: str, original: Callable) -> Callable:
        def drop(input: torch.Tensor, p: float = 0.5, training: bool = True, *args: Any, **kwargs: Any) -> torch.Tensor:
            place = code.above(sys._getframe(1)) if training and p > 0 else None
            if place:
                record.add(place, "dropout", p)
            return original(input, p, training, *args, **kwargs)

        return drop

    return [_replace(functional, name, dropping) for name in DROPOUTS]


def _replace(owner: Any, name: str, wrap: Callable[[str, Callable], Callable]) -> Callable[[], None]:
    """Puts `wrap(name, original)` in place of an attribute; returns what undoes it."""
    original = getattr(owner, name)
    own = name in vars(owner)
    setattr(owner, name, wrap(name, original))
    return lambda: setattr(owner, name, original) if own else delattr(owner, name)

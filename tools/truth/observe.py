"""What really happens to one model: lines that run, tensors that become Python values, what each target says."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from truth import zoo

Spot = tuple[str, int]  # file below site-packages, line
_CONVERSIONS = frozenset(
    "__bool__ __int__ __float__ __index__ __len__ __iter__ __contains__ item tolist numpy __array__".split()
)
_SITE = Path(torch.__file__).parent.parent
_EXPORTDB = "torch/_export/db/examples"


@dataclass
class Row:
    """One model. `refused` maps a target to the spot where it failed, None where none is known."""

    package: str
    name: str
    error: str = ""
    lines: dict[str, list[int]] = field(default_factory=dict)
    converted: list[Spot] = field(default_factory=list)
    warned: list[Spot] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    refused: dict[str, Spot | None] = field(default_factory=dict)


def observe(package: str, name: str, targets: tuple[str, ...]) -> Row:
    """Build, run, trace, export and script one model; a model that does not run says so in `error`."""
    row = Row(package, name)
    warnings.simplefilter("ignore")
    with torch.no_grad():
        try:
            model, args, kwargs = zoo.build(package, name)
            row.lines = _executed(lambda: model(*args, **kwargs))
            with _Watch() as watch:
                model(*args, **kwargs)
        except Exception as error:  # a stranger's model may raise anything; the row says what
            row.error = f"{type(error).__name__}: {error}"[:200]
            return row
        row.converted = sorted(watch.seen)
        for target in targets:
            _try(row, target, model, args, kwargs)
    return row


def _try(row: Row, target: str, model: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    try:
        if target == "trace":
            row.warned = _warned(lambda: _trace(model, args, kwargs))
        elif target == "export":
            torch.export.export(model, args, kwargs, strict=False)
        else:
            torch.jit.script(model)
        row.accepted.append(target)
    except Exception as error:
        row.refused[target] = _innermost(error.__traceback__)


def _trace(model: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    given = {"example_kwarg_inputs": kwargs} if kwargs else {"example_inputs": args}
    torch.jit.trace(model, check_trace=False, strict=False, **given)


def place(file: str) -> str | None:
    """A file below site-packages when it is one of the packages scored."""
    path = Path(file)
    if not path.is_relative_to(_SITE):
        return None
    relative = path.relative_to(_SITE).as_posix()
    return relative if relative.startswith((*(f"{name}/" for name in zoo.PACKAGES), _EXPORTDB)) else None


def _nearest(frame: FrameType | None) -> Spot | None:
    while frame is not None:
        file = place(frame.f_code.co_filename)
        if file is not None:
            return file, frame.f_lineno
        frame = frame.f_back
    return None


def _innermost(trace: TracebackType | None) -> Spot | None:
    found = None
    while trace is not None:
        file = place(trace.tb_frame.f_code.co_filename)
        found = (file, trace.tb_lineno) if file is not None else found
        trace = trace.tb_next
    return found


class _Watch(TorchFunctionMode):
    """Notes where a tensor becomes a Python value."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[Spot] = set()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if getattr(function, "__name__", "") in _CONVERSIONS:
            spot = _nearest(sys._getframe(1))
            if spot is not None:
                self.seen.add(spot)
        return function(*args, **(kwargs or {}))


def _warned(run: Callable[[], None]) -> list[Spot]:
    spots: set[Spot] = set()

    def note(message: Warning | str, category: type[Warning], *_: object) -> None:
        spot = _nearest(sys._getframe()) if issubclass(category, torch.jit.TracerWarning) else None
        if spot is not None:
            spots.add(spot)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = note
        run()
    return sorted(spots)


def _executed(run: Callable[[], object]) -> dict[str, list[int]]:
    lines: dict[str, set[int]] = {}
    files: dict[str, str | None] = {}

    def enter(frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        name = frame.f_code.co_filename
        file = files[name] if name in files else files.setdefault(name, place(name))
        if file is None:
            return None
        seen = lines.setdefault(file, set())
        seen.add(frame.f_lineno)

        def step(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
            seen.add(frame.f_lineno)
            return step

        return step

    sys.settrace(enter)
    try:
        run()
    finally:
        sys.settrace(None)
    return {file: sorted(numbers) for file, numbers in sorted(lines.items())}

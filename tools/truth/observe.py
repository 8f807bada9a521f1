"""What really happens to one model: lines that run, tensors that become Python values, what each target says."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import torch
import torch._dynamo
from torch.utils import _pytree as pytree

from truth import zoo
from truth.places import Spot, innermost, nearest, place
from truth.watch import Watch

TARGETS = ("trace", "export", "dynamic", "script", "onnx", "onnx-ts")  # dynamic: torch.export with a dynamic batch
_NAMED = re.compile(r'File "([^"]+)", line (\d+)')


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
    """Build, run and export one model; a model that does not run says so in `error`."""
    row = Row(package, name)
    warnings.simplefilter("ignore")
    with torch.no_grad():
        try:
            model, args, kwargs = zoo.build(package, name)
            row.lines = _executed(lambda: model(*args, **kwargs))
        except Exception as error:  # a stranger's model may raise anything; the row says what
            row.error = f"{type(error).__name__}: {error}"[:200]
            return row
        # torch.cond compiles itself and cannot do so through a mode: what was seen until then counts
        with contextlib.suppress(torch._dynamo.exc.TorchDynamoException), Watch((args, kwargs)) as watch:
            model(*args, **kwargs)
        row.converted = sorted(watch.converted)
        for target in targets:
            _try(row, target, model, args, kwargs)
    return row


def _try(row: Row, target: str, model: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    try:
        if target == "trace":
            row.warned = _warned(lambda: _trace(model, args, kwargs))
        elif target == "export":
            torch.export.export(model, args, kwargs, strict=False)
        elif target == "dynamic":
            shapes = _dynamic(model, args, kwargs)
            if shapes is None:
                return
            torch.export.export(model, args, kwargs, dynamic_shapes=shapes, strict=False)
        elif target == "script":
            torch.jit.script(model)
        else:
            torch.onnx.export(model, args, io.BytesIO(), kwargs=kwargs, dynamo=target == "onnx", verbose=False)
        row.accepted.append(target)
    except Exception as error:
        row.refused[target] = _stopped(error)


def _trace(model: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    given = {"example_kwarg_inputs": kwargs} if kwargs else {"example_inputs": args}
    torch.jit.trace(model, check_trace=False, strict=False, **given)


def _dynamic(model: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`dynamic_shapes` for a batch that all tensors share, None where they share none that can vary."""
    tensors = [leaf for leaf in pytree.tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor) and leaf.dim()]
    sizes = {tensor.shape[0] for tensor in tensors}
    if len(sizes) != 1 or min(sizes) < 2:
        return None
    batch = torch.export.Dim("batch")
    varies = {id(tensor): {0: batch} for tensor in tensors}
    names = list(inspect.signature(model.forward).parameters)
    given = dict(zip(names, args, strict=False)) | kwargs
    return pytree.tree_map(lambda leaf: varies.get(id(leaf)), given)


def _stopped(error: BaseException) -> Spot | None:
    """Where an export stopped: the first place that the error names, else the innermost of its traceback."""
    named = _NAMED.search(str(error))
    if named is not None and (file := place(named[1])) is not None:
        return file, int(named[2])
    cause: BaseException | None = error
    found = None
    while cause is not None:
        found = innermost(cause.__traceback__) or found
        cause = cause.__cause__
    return found


def _warned(run: Callable[[], None]) -> list[Spot]:
    spots: set[Spot] = set()

    def note(message: Warning | str, category: type[Warning], *_: object) -> None:
        spot = nearest(sys._getframe()) if issubclass(category, torch.jit.TracerWarning) else None
        if spot is not None:
            spots.add(spot)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = note
        run()
    return sorted(spots)


def _executed(run: Callable[[], object]) -> dict[str, list[int]]:
    lines: dict[str, set[int]] = {}

    def enter(frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        file = place(frame.f_code.co_filename)
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

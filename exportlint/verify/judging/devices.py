"""Whether a trace works on the device it was traced on only: `.to(x.device)` becomes `.to("cpu")`.

There is one device here, so torch's meta device, which computes shapes alone, stands for another.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch

from exportlint.verify.eager import Eager, fresh_call, fresh_model
from exportlint.verify.frames import Place
from exportlint.verify.structure import replaced
from exportlint.verify.targets import Call


def fixed_at(eager: Eager, file: Path, call: Call) -> Place | None:
    """The user's line that fixes the device in a trace, None when the trace runs elsewhere or eager mode does not."""
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        place = _fixing_line(eager, file)
        model = fresh_model(eager.model)
        if place is None or model is eager.model or not _runs(model.to_empty(device="meta"), call):
            return None
        elsewhere = _elsewhere(file)
        return place if elsewhere and not _runs(elsewhere, call) else None


def _elsewhere(file: Path) -> torch.nn.Module | None:
    """The trace on the meta device, None where some constant of it cannot be put there."""
    try:
        return torch.jit.load(str(file), map_location="meta")
    except NotImplementedError:
        return None


def _fixing_line(eager: Eager, file: Path) -> Place | None:
    """The first operator that is given a constant device directly by the user's code, not by torch's own modules."""
    for node in torch.jit.load(str(file)).inlined_graph.nodes():
        if node.kind() == "prim::Constant" and str(node.output().type()) == "Device":
            for use in node.output().uses():
                stack = use.user.sourceRange().splitlines()
                places = list(eager.code.in_text(stack[0])) if stack else []
                if places:
                    return places[0]
    return None


def _runs(module: torch.nn.Module, call: Call) -> bool:
    def move(_: str, leaf: Any) -> Any:
        return leaf.to("meta") if isinstance(leaf, torch.Tensor) else leaf

    mine = fresh_call(call)
    args, kwargs = replaced((list(mine.args), dict(mine.kwargs)), move)
    try:
        module(*args, **kwargs)
    except Exception:  # either side may refuse the meta device for its own reasons: then nothing can be told
        return False
    return True

"""Where the user's code hands something to torch.compile: no tracer takes that, and says only where it was called."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from exportlint.verify.frames import Place, UserCode

# torch/jit/_trace.py and torch/_dynamo/eval_frame.py
REFUSED = re.compile(r"dynamo-optimized function")


@contextmanager
def noted(code: UserCode) -> Iterator[list[Place]]:
    """Notes the places inside the `with` that call torch.compile, by patching it."""
    places: list[Place] = []
    original = torch.compile

    def compile(*args: Any, **kwargs: Any) -> Any:
        place = code.above(sys._getframe(1))
        if place:
            places.append(place)
        return original(*args, **kwargs)

    torch.compile = compile
    try:
        yield places
    finally:
        torch.compile = original

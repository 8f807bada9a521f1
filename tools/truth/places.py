"""Lines of the packages that are scored, by file below site-packages."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import FrameType, TracebackType

import torch

from truth import zoo

Spot = tuple[str, int]  # file below site-packages, line
SITE = Path(torch.__file__).parent.parent


@cache
def place(file: str) -> str | None:
    """A file below site-packages when it is one of the packages scored."""
    path = Path(file)
    if not path.is_relative_to(SITE):
        return None
    relative = path.relative_to(SITE).as_posix()
    return relative if relative.startswith(tuple(f"{zoo.folder(name)}/" for name in zoo.PACKAGES)) else None


def nearest(frame: FrameType | None) -> Spot | None:
    """The line of a scored package in which `frame`, or what called it, is."""
    while frame is not None:
        file = place(frame.f_code.co_filename)
        if file is not None:
            return file, frame.f_lineno
        frame = frame.f_back
    return None


def innermost(trace: TracebackType | None) -> Spot | None:
    """The last line of a scored package in a traceback."""
    found = None
    while trace is not None:
        file = place(trace.tb_frame.f_code.co_filename)
        found = (file, trace.tb_lineno) if file is not None else found
        trace = trace.tb_next
    return found

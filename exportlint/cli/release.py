"""Which measured tables speak for a project: those of the releases it names, or the nearest to them."""

from __future__ import annotations

import dataclasses

from exportlint.config import Settings, shown
from exportlint.pins import pinned


def of_project(settings: Settings) -> tuple[Settings, str]:
    """The settings with the releases that the project pins, and what to say of the table of operators that is used.

    The configuration goes before lock files and requirements; where none names torch there is nothing to say.
    """
    if settings.onnxruntime is None:
        runtime = pinned("onnxruntime", settings.root) or pinned("onnxruntime-gpu", settings.root)
        settings = dataclasses.replace(settings, onnxruntime=runtime and runtime.release)
    if settings.torch is not None:
        named = f"{shown(settings.source)} names {settings.torch}" if settings.source else f"for {settings.torch}"
        return settings, _measured(settings.torch, named)
    pin = pinned("torch", settings.root)
    if pin is None:
        return settings, ""
    said = _measured(pin.release, f"{pin.file} has {pin.release}")
    return dataclasses.replace(settings, torch=pin.release), said


def _measured(release: str, why: str) -> str:
    from exportlint.operators.table import nearest_release

    return f"Operators as measured with torch {nearest_release(release)} ({why})"

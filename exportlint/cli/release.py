"""Which table of operators speaks for a project: that of the torch release it names, or the nearest to it."""

from __future__ import annotations

import dataclasses

from exportlint.config import Settings, shown
from exportlint.operators.table import nearest_release
from exportlint.pins import pinned


def of_project(settings: Settings) -> tuple[Settings, str]:
    """The settings with a torch release where the project pins one, and what to say of the table that is used.

    The configuration goes before lock files and requirements; where none names a release there is nothing to say.
    """
    if settings.torch is not None:
        named = f"{shown(settings.source)} names {settings.torch}" if settings.source else f"for {settings.torch}"
        return settings, f"Operators as measured with torch {nearest_release(settings.torch)} ({named})"
    pin = pinned("torch", settings.root)
    if pin is None:
        return settings, ""
    said = f"Operators as measured with torch {nearest_release(pin.release)} ({pin.file} has {pin.release})"
    return dataclasses.replace(settings, torch=pin.release), said

"""How a check beyond the export ends that does not end well."""

from __future__ import annotations


class Failed(Exception):
    """What was checked does not hold; the text says what was seen, with a figure."""


class Skipped(Exception):
    """The check cannot be made here; the text says why."""

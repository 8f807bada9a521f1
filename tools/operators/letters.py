"""From what happened in a cell to its letter in the table."""

from __future__ import annotations

from exportlint.operators import table as tables

_LETTERS = {
    "ok": tables.OK,
    "export": tables.EXPORT,
    "runtime": tables.RUNTIME,
    "differs": tables.DIFFERS,
    "crash": tables.CRASH,
    "timeout": tables.TIMEOUT,
    "breaks": tables.BREAKS,
    "static": tables.STATIC,
    "rigid": tables.RIGID,
    "unknown": tables.UNMEASURED,
}


def letter(status: str, got: int | None, opset: int | None) -> str:
    """The letter of a cell that was asked for at `opset`, and whose file came out at `got`."""
    return tables.OTHER_OPSET if status == "ok" and got != opset else _LETTERS[status]

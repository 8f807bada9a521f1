"""Observations in a file: one JSON object a line, so that a run can be broken off and gone on with."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from truth.observe import Row
from truth.places import Spot


def add(file: Path, row: Row) -> None:
    """Write one observation at the end of `file`."""
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(row)) + "\n")


def read(file: Path) -> list[Row]:
    """The observations in `file`, none where there is no such file."""
    text = file.read_text("utf-8") if file.exists() else ""
    return [_row(json.loads(line)) for line in text.splitlines()]


def _row(known: dict) -> Row:
    refused = {target: _spot(spot) if spot else None for target, spot in known["refused"].items()}
    spots = {name: [_spot(spot) for spot in known[name]] for name in ("converted", "warned")}
    return Row(**{**known, **spots, "refused": refused})


def _spot(pair: list) -> Spot:
    return pair[0], pair[1]

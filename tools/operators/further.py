"""The table's further cells: what comes of a call by other ways out than the ONNX exporters with fixed shapes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from exportlint.operators import table as tables
from operators.letters import letter
from operators.sweep import Results

Opsets = dict[str, tuple[int | None, ...]]
"""By way out, the opsets that are measured; None is no opset."""

IN_TORCH: Opsets = {"trace": (None,), "script": (None,), "export": (None,)}
DYNAMIC: Opsets = {"trace dynamic": (None,), "export dynamic": (None,), "onnx-ts dynamic": (13, 17, 20)}
ONNX_DYNAMIC: Opsets = {"onnx dynamic": (20,)}  # costs more than all the others
FURTHER = {**IN_TORCH, **DYNAMIC, **ONNX_DYNAMIC}
_CELLS = [(way, opset) for way, opsets in FURTHER.items() for opset in opsets]


def profile(results: Results, key: str) -> str:
    """One letter for each further cell of a case."""
    found = [(results.cells.get((key, way, opset)), opset) for way, opset in _CELLS]
    return "".join(letter(cell[0], cell[2], opset) if cell else tables.UNMEASURED for cell, opset in found)


class Merged:
    """The further letters of an operator's rows, by their arguments alone.

    So the rows stay as many as they are, and may come from another sweep than these letters.
    """

    def __init__(self, cases: Iterable[tuple[dict, str]]) -> None:
        self._profiles: dict[str, list[str]] = defaultdict(list)
        for arguments, letters in cases:
            self._profiles[_spelled(arguments)].append(letters)

    def at_end_of(self, row: list, before: str) -> list:
        """The row with its letters, as they were found or else `before`; without where no cell was measured."""
        found = self._profiles.get(_spelled(row[0]), []) or [before]
        letters = "".join(map(_one, zip(*found, strict=True)))
        if before:
            letters = "".join(b if a == tables.UNMEASURED else a for a, b in zip(letters, before, strict=True))
        return row if set(letters) <= {tables.UNMEASURED} else [*row, letters]


def _one(letters: tuple[str, ...]) -> str:
    """One letter for several cases with the same arguments: what was measured most, unless some work."""
    measured = [one for one in letters if one != tables.UNMEASURED]
    told = [one for one in measured if one != tables.RIGID] or measured
    if not told:
        return tables.UNMEASURED
    mixed = tables.OK in told and set(told) != {tables.OK}
    return tables.MIXED if mixed else max(told, key=told.count)


def _spelled(arguments: dict) -> str:
    return json.dumps(arguments, sort_keys=True)

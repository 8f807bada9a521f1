"""What `exportlint operators` prints for people: a line for each measured call, a letter for each cell."""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.operators.recipes import recipes_for
from exportlint.operators.table import DYNAMIC, LETTERS, Row, Table

Cells = dict[str, dict[int | None, int]]
"""By way out, the opsets that are shown, each with its place in the row of letters; None is no opset."""


def lines(table: Table, calls: dict[str, list[Row]], cells: Cells) -> Iterator[str]:
    """One line for each operator, one for each call of it with a letter for each cell, and what the letters mean."""
    heads = {way: _head(way, list(opsets)) for way, opsets in cells.items()}
    widths = {way: max(len(head), len(cells[way])) for way, head in heads.items()}
    fixed = [widths[way] + 2 for way in cells if not way.endswith(DYNAMIC)]
    if len(fixed) < len(cells):
        yield " " * sum(fixed) + "with dynamic shapes"
    yield "  ".join(heads[way].ljust(widths[way]) for way in cells).rstrip()
    seen = set()
    for name, rows in calls.items():
        yield name
        for row in rows:
            letters = {way: _letters(table, row, way, list(places.values())) for way, places in cells.items()}
            seen.update(*letters.values())
            yield "  ".join(letters[way].ljust(widths[way]) for way in cells) + f"  {_call(row)}"
        yield from (f"instead: {one}" for one in recipes_for(name))
    yield ""
    yield ", ".join(f"{letter} {word}" for letter, word in LETTERS.items() if letter in seen)
    yield "measured with " + ", ".join(f"{package} {version}" for package, version in table.versions.items())


def _letters(table: Table, row: Row, way: str, places: list[int]) -> str:
    letters = table.letters(row, way)
    return "".join(letters[place] for place in places)


def _head(way: str, opsets: list[int | None]) -> str:
    """The target and its opsets: "onnx 9-26", "onnx-ts 13,17,20", "trace"."""
    target = way.removesuffix(DYNAMIC)
    if opsets == [None]:
        return target
    whole = opsets == list(range(opsets[0], opsets[-1] + 1))
    span = f"{opsets[0]}-{opsets[-1]}" if whole and len(opsets) > 1 else ",".join(map(str, opsets))
    return f"{target} {span}"


def _call(row: Row) -> str:
    """The arguments as one would write them, then the first input: "dim|other=1   float32, 3 dimensions"."""
    words = [f"{key}={value!r}" for key, value in row.arguments.items() if not key.startswith("@")]
    rank, dtype = row.arguments.get("@rank"), row.arguments.get("@dtype", "float32")
    described = "" if rank is None else f"[{dtype}, {rank} dimensions]"
    return " ".join([", ".join(words).replace("'<tensor>'", "tensor"), described]).strip()

"""The operator table in brief: what became of all measured calls of an operator, opset by opset."""

from __future__ import annotations

from collections import Counter

from exportlint.operators import table as tables
from exportlint.operators.table import Table

SOME = tables.MIXED
"""The letter of an opset at which some of an operator's calls work and others do not."""

WORDS = {tables.OK: "every call works", SOME: "some calls work"}
WORDS |= {letter: word for letter, word in tables.LETTERS.items() if letter not in WORDS}


def overall(table: Table, name: str, way: str) -> str:
    """One letter for each opset: all calls of an operator work, some do, or what became of most of them."""
    letters = [table.letters(row, way) for row in table.rows(name)]
    return "".join(_letter(Counter(of_one)) for of_one in zip(*letters, strict=True))


def measured(table: Table, way: str, share: float = 0.5) -> list[int | None]:
    """The opsets at which this share of the operators, or more, was measured."""
    counts = Counter(
        opset
        for name in table.names()
        for opset, letter in zip(table.ways[way], overall(table, name, way), strict=True)
        if letter != tables.UNMEASURED
    )
    return [opset for opset in table.ways[way] if counts[opset] >= share * len(table.names())]


def _letter(counts: Counter[str]) -> str:
    del counts[tables.UNMEASURED]
    if len(counts) > 1:
        del counts[tables.RIGID]  # calls that say nothing, where others do
    if not counts:
        return tables.UNMEASURED
    if SOME in counts or (tables.OK in counts and len(counts) > 1):
        return SOME
    return counts.most_common(1)[0][0]

"""The operator table in brief: what became of all measured calls of an operator, opset by opset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from exportlint.operators import table as tables
from exportlint.operators.table import Row, Table

SOME = "~"
"""The letter of an opset at which some of an operator's calls work and others do not."""

WORDS = {tables.OK: "every call works", SOME: "some calls work"}
WORDS |= {letter: word for letter, word in tables.LETTERS.items() if letter != tables.OK}


def overall(rows: Iterable[Row], exporter: str) -> str:
    """One letter for each opset: all calls work, some do, or what became of most of them."""
    return "".join(_letter(Counter(letters)) for letters in zip(*(row.outcomes[exporter] for row in rows), strict=True))


def measured(table: Table, exporter: str, share: float = 0.5) -> list[int]:
    """The opsets at which this share of the operators, or more, was measured."""
    counts = Counter(
        opset
        for name in table.names()
        for opset, letter in zip(table.opsets[exporter], overall(table.rows(name), exporter), strict=True)
        if letter != tables.UNMEASURED
    )
    return [opset for opset in table.opsets[exporter] if counts[opset] >= share * len(table.names())]


def _letter(counts: Counter[str]) -> str:
    del counts[tables.UNMEASURED]
    if not counts:
        return tables.UNMEASURED
    if len(counts) > 1 and tables.OK in counts:
        return SOME
    return counts.most_common(1)[0][0]

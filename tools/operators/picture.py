"""The whole operator table as one picture: a line for each operator, a cell for each exporter and opset. SVG."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby

from exportlint.operators import table as tables
from exportlint.operators.table import Table
from operators.matrix import SOME, WORDS, measured, overall

# Okabe and Ito's colours, which people tell apart who do not tell red from green.
COLOURS = {
    tables.OK: "#009e73",
    SOME: "#9fdcc8",
    tables.EXPORT: "#d55e00",
    tables.RUNTIME: "#e69f00",
    tables.DIFFERS: "#cc79a7",
    tables.OTHER_OPSET: "#f0e442",
    tables.CRASH: "#000000",
    tables.TIMEOUT: "#555555",
    tables.UNMEASURED: "#eeeeee",
}
_COLUMNS, _NAME, _LINE, _CELL, _GAP, _HEAD = 5, 150, 9, 5, 6, 64
"""Columns of lines; pixels for a name, a line's height, a cell's width, between exporters, and above the lines."""


def picture(table: Table) -> str:
    """The table as an SVG document. Each line's title, shown under the pointer, says the same in words."""
    opsets = {exporter: measured(table, exporter) for exporter in table.opsets}
    lines = list(_lines(table))
    height = -(-len(lines) // _COLUMNS)
    width = _NAME + sum(len(at) * _CELL + _GAP for at in opsets.values()) + 3 * _GAP
    whole = width * _COLUMNS + 2 * _GAP, height * _LINE + _HEAD + _GAP
    patterns: dict[str, int] = {}
    drawn = []
    for index, (text, name) in enumerate(lines):
        x, y = 2 * _GAP + index // height * width, _HEAD + index % height * _LINE
        drawn.append(
            _line(table, name, opsets, patterns, (x, y))
            if name
            else f'<text class="h" x="{x}" y="{y + 7}">{text}</text>'
        )
    heads = [head for column in range(_COLUMNS) for head in _heads(opsets, 2 * _GAP + column * width)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole[0]} {whole[1]}" role="img">',
            f"<title>What {len(table.names())} operators do with each exporter and opset</title>",
            "<style>text{font:7px monospace;fill:#222}.h{font-weight:bold;font-size:8px}.l{font-size:11px}</style>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            *_legend(),
            *heads,
            "<defs>",
            *(_pattern(letters, number) for letters, number in patterns.items()),
            "</defs>",
            *drawn,
            "</svg>\n",
        ]
    )


def _lines(table: Table) -> Iterator[tuple[str, str]]:
    """The text of each line and its operator; lines without one are headings."""
    by_module = sorted(table.names(), key=lambda name: (name.rpartition(".")[0], name))
    for module, names in groupby(by_module, key=lambda name: name.rpartition(".")[0]):
        yield module, ""
        for name in names:
            yield name.rpartition(".")[2], name


def _line(
    table: Table, name: str, opsets: dict[str, list[int]], patterns: dict[str, int], place: tuple[int, int]
) -> str:
    x, y = place
    parts, words = [], []
    at = x + _NAME
    for exporter, shown in opsets.items():
        letters = overall(table.rows(name), exporter)
        letters = "".join(letters[table.opsets[exporter].index(opset)] for opset in shown)
        parts.append(f'<use href="#p{patterns.setdefault(letters, len(patterns))}" x="{at}" y="{y}"/>')
        words += [f"{exporter} {span}: {WORDS[letter]}" for letter, span in _runs(letters, shown)]
        at += len(shown) * _CELL + _GAP
    title = escape("\n".join([name, *words]))
    text = f'<text x="{x}" y="{y + 7}">{escape(name.rpartition(".")[2])}</text>'
    return f"<g><title>{title}</title>{text}{''.join(parts)}</g>"


def _runs(letters: str, opsets: list[int]) -> Iterator[tuple[str, str]]:
    """Each stretch of opsets with the same letter: ("x", "9-15")."""
    for letter, members in groupby(zip(letters, opsets, strict=True), key=lambda pair: pair[0]):
        span = [opset for _, opset in members]
        yield letter, str(span[0]) if len(span) == 1 else f"{span[0]}-{span[-1]}"


def _pattern(letters: str, number: int) -> str:
    cells, at = [], 0
    for letter, members in groupby(letters):
        count = len(list(members))
        cells.append(f'<rect x="{at * _CELL}" width="{count * _CELL}" height="{_LINE - 1}" fill="{COLOURS[letter]}"/>')
        at += count
    return f'<g id="p{number}">{"".join(cells)}</g>'


def _heads(opsets: dict[str, list[int]], x: int) -> Iterator[str]:
    """Above each column: the exporter, and its first and last opset."""
    x += _NAME
    for exporter, shown in opsets.items():
        end = x + len(shown) * _CELL
        yield f'<text class="h" x="{x}" y="{_HEAD - 14}">{exporter}</text>'
        yield f'<text x="{x}" y="{_HEAD - 4}">{shown[0]}</text>'
        yield f'<text x="{end}" y="{_HEAD - 4}" text-anchor="end">{shown[-1]}</text>'
        x = end + _GAP


def _legend() -> Iterator[str]:
    x = 2 * _GAP
    for letter, colour in COLOURS.items():
        yield f'<rect x="{x}" y="12" width="11" height="11" fill="{colour}"/>'
        yield f'<text class="l" x="{x + 16}" y="21">{WORDS[letter]}</text>'
        x += 40 + 7 * len(WORDS[letter])

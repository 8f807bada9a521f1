"""The whole operator table as one picture: a line for each operator, a cell for each way out and opset. SVG."""

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
    tables.BREAKS: "#8b4a2b",
    tables.STATIC: "#56b4e9",
    tables.RIGID: "#cccccc",
    tables.UNMEASURED: "#eeeeee",
}
_COLUMNS, _NAME, _LINE, _CELL, _GAP, _HEAD = 5, 150, 9, 5, 6, 102
"""Columns of lines; pixels for a name, a line's height, a cell's width, between groups, and above the lines."""

_STYLE = "text{font:7px monospace;fill:#222}.h{font-weight:bold;font-size:8px}.l{font-size:11px}.u{font-size:5.5px}"

Groups = dict[str, list[tuple[str, int | None]]]
"""The cells of a line, from left to right, under the heading of each group: a way out and an opset."""


def picture(table: Table) -> str:
    """The table as an SVG document. Each line's title, shown under the pointer, says the same in words."""
    groups = _groups(table)
    lines = list(_lines(table))
    height = -(-len(lines) // _COLUMNS)
    width = _NAME + sum(len(cells) * _CELL + _GAP for cells in groups.values()) + 3 * _GAP
    whole = width * _COLUMNS + 2 * _GAP, height * _LINE + _HEAD + _GAP
    patterns: dict[str, int] = {}
    drawn = []
    for index, (text, name) in enumerate(lines):
        x, y = 2 * _GAP + index // height * width, _HEAD + index % height * _LINE
        drawn.append(
            _line(table, name, groups, patterns, (x, y))
            if name
            else f'<text class="h" x="{x}" y="{y + 7}">{text}</text>'
        )
    heads = [head for column in range(_COLUMNS) for head in _heads(groups, 2 * _GAP + column * width)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole[0]} {whole[1]}" role="img">',
            f"<title>What {len(table.names())} operators do with each target and opset</title>",
            f"<style>{_STYLE}</style>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            *_legend(whole[0]),
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


def _groups(table: Table) -> Groups:
    """Each ONNX exporter, then the targets without opsets, then all that was measured with dynamic shapes."""
    groups: Groups = {exporter: [] for exporter in table.opsets} | {"": [], "dynamic": []}
    for way in table.ways:
        group = "dynamic" if way.endswith(tables.DYNAMIC) else way if way in table.opsets else ""
        groups[group] += [(way, opset) for opset in measured(table, way)]
    return {name: cells for name, cells in groups.items() if cells}


def _line(table: Table, name: str, groups: Groups, patterns: dict[str, int], place: tuple[int, int]) -> str:
    x, y = place
    parts, words = [], []
    at = x + _NAME
    overalls = {way: dict(zip(opsets, overall(table, name, way), strict=True)) for way, opsets in table.ways.items()}
    for group, cells in groups.items():
        letters = "".join(overalls[way][opset] for way, opset in cells)
        parts.append(f'<use href="#p{patterns.setdefault(letters, len(patterns))}" x="{at}" y="{y}"/>')
        words += _runs(group, letters, cells) if group in table.opsets else _alike(group, letters, cells)
        at += len(cells) * _CELL + _GAP
    title = escape("\n".join([name, *words]))
    text = f'<text x="{x}" y="{y + 7}">{escape(name.rpartition(".")[2])}</text>'
    return f"<g><title>{title}</title>{text}{''.join(parts)}</g>"


def _runs(exporter: str, letters: str, cells: list[tuple[str, int | None]]) -> Iterator[str]:
    """Each stretch of opsets with the same letter: "onnx-ts 9-15: export failed"."""
    for letter, members in groupby(zip(letters, cells, strict=True), key=lambda pair: pair[0]):
        span = [opset for _, (_, opset) in members]
        yield f"{exporter} {span[0] if len(span) == 1 else f'{span[0]}-{span[-1]}'}: {WORDS[letter]}"


def _alike(group: str, letters: str, cells: list[tuple[str, int | None]]) -> Iterator[str]:
    """All cells with the same letter: "dynamic trace, onnx 20: every call works"."""
    for letter in dict.fromkeys(letters):
        alike = [_words(cell) for its, cell in zip(letters, cells, strict=True) if its == letter]
        yield f"{group} {', '.join(alike)}: {WORDS[letter]}".strip()


def _words(cell: tuple[str, int | None]) -> str:
    """ "onnx 20", "trace" """
    way, opset = cell
    return f"{way.removesuffix(tables.DYNAMIC)} {opset or ''}".strip()


def _pattern(letters: str, number: int) -> str:
    cells, at = [], 0
    for letter, members in groupby(letters):
        count = len(list(members))
        cells.append(f'<rect x="{at * _CELL}" width="{count * _CELL}" height="{_LINE - 1}" fill="{COLOURS[letter]}"/>')
        at += count
    return f'<g id="p{number}">{"".join(cells)}</g>'


def _heads(groups: Groups, x: int) -> Iterator[str]:
    """Above each group its name; then the first and last opset of an exporter, or upright what each cell is."""
    x += _NAME
    for group, cells in groups.items():
        ways = {way for way, _ in cells}
        upright = ways != {group}
        if group:
            yield f'<text class="h" x="{x}" y="{_HEAD - (44 if upright else 14)}">{group}</text>'
        if upright:
            for index, cell in enumerate(cells, start=1):
                place = f"translate({x + index * _CELL - 0.5} {_HEAD - 3}) rotate(-90)"
                yield f'<text class="u" transform="{place}">{_words(cell)}</text>'
        else:
            yield f'<text x="{x}" y="{_HEAD - 4}">{cells[0][1]}</text>'
            yield f'<text x="{x + len(cells) * _CELL}" y="{_HEAD - 4}" text-anchor="end">{cells[-1][1]}</text>'
        x += len(cells) * _CELL + _GAP


def _legend(width: int) -> Iterator[str]:
    """What the colours mean, in as many lines as that takes."""
    x, y = 2 * _GAP, 12
    for letter, colour in COLOURS.items():
        wide = 40 + 7 * len(WORDS[letter])
        if x + wide > width:
            x, y = 2 * _GAP, y + 18
        yield f'<rect x="{x}" y="{y}" width="11" height="11" fill="{colour}"/>'
        yield f'<text class="l" x="{x + 16}" y="{y + 9}">{WORDS[letter]}</text>'
        x += wide

"""Source lines with a stretch of them underlined, as a terminal shows them, with tabs, wide and unseen characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from exportlint.finding import Span
from exportlint.report.escaping import visible
from exportlint.report.view import View

TAB = 4
MOST_LINES = 4
_ELLIPSIS = "…"


@dataclass(frozen=True)
class Row:
    """One row of a snippet: its line number (None for an elision), the text as shown, and the cells to underline."""

    number: int | None
    text: str
    first: int = 0
    last: int = 0


def rows(span: Span, view: View, width: int) -> Iterator[Row]:
    """The lines of a span, at most four of them and at most `width` cells of each; none when the file is gone."""
    numbers = list(range(span.line, span.end_line + 1))
    if len(numbers) > MOST_LINES:
        numbers[MOST_LINES - 2 : -1] = [0]
    for number in numbers:
        line = view.line(span.path, number) if number else None
        if line is not None:
            yield _row(number, line, span, width)
        elif not number:
            yield Row(None, "...")


def _row(number: int, line: str, span: Span, width: int) -> Row:
    line = line.rstrip()
    start = span.column - 1 if number == span.line else len(line) - len(line.lstrip())
    end = span.end_column - 1 if number == span.end_line else len(line)
    # A line may be megabytes long: only what can be seen around the start of the span is looked at.
    low, high = max(0, start - width), start + width
    before = _shown(line[low:start], 0)
    marked = _shown(line[start : min(end, high)], _cells(before))
    after = _shown(line[max(start, min(end, high)) : high], _cells(before + marked))
    first, last = _cells(before), _cells(before) + max(_cells(marked), 1)
    cut = (bool(low), high < len(line))
    return _clipped(Row(number, before + marked + after, first, last), cut, width)


def _clipped(row: Row, cut: tuple[bool, bool], width: int) -> Row:
    """`row` with its text cut to `width` cells around what is underlined; `cut`: which ends are missing already."""
    cells = _cells(row.text)
    skipped = min(max(0, row.first - width // 4), cells - width) if row.last >= width < cells else 0
    text, at = "", 0
    for character in row.text:
        if skipped <= at and at + _cell(character) <= skipped + width:
            text += character
        at += _cell(character)
    text = _ELLIPSIS + text[1:] if skipped or cut[0] else text
    text = text[:-1] + _ELLIPSIS if skipped + width < cells or cut[1] else text
    return Row(row.number, text, row.first - skipped, min(row.last - skipped, width))


def _shown(text: str, cell: int) -> str:
    """`text`, which starts at `cell`, with tabs as spaces and unseen characters spelled out."""
    first, *rest = text.split("\t")
    shown = visible(first)
    for part in rest:
        shown += " " * (TAB - (cell + _cells(shown)) % TAB) + visible(part)
    return shown


def _cells(text: str) -> int:
    """Columns of a terminal that `text`, without control characters, takes."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1

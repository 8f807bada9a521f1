"""Source around a place, line by line, as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from exportlint.report.view import View

AROUND = 2
MOST = 8
LONGEST = 300  # characters of a line; what stands behind is cut


@dataclass(frozen=True)
class Line:
    """A source line in three parts, of which the middle one is marked; `hit` where the line belongs to the place."""

    number: int
    before: str
    marked: str
    after: str
    hit: bool


def excerpt(view: View, path: str, first: int, last: int, columns: tuple[int, int] | None = None) -> list[Line]:
    """The lines from `first` to `last` and two around them; `columns` (start, end; from 1) mark a part of one line."""
    lines = []
    for number in range(max(1, first - AROUND), min(last, first + MOST) + AROUND + 1):
        text = view.line(path, number)
        if text is None:
            continue
        text = text.rstrip().expandtabs(4) if columns is None or first != last else text.rstrip()
        text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
        start, end = (columns[0] - 1, columns[1] - 1) if columns and number == first == last else (0, 0)
        lines.append(Line(number, text[:start], text[start:end], text[end:], first <= number <= last))
    return lines

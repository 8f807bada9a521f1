"""Text edits: which of them can be made in one pass, the text they make, and the difference as a patch."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

from exportlint.finding import Edit, Fix

_LINE_END = re.compile(r"\r\n|\r|\n")


def compatible(fixes: Iterable[Fix]) -> list[Fix]:
    """The first fixes that do not touch what one before them edits; the same edit, asked for twice, is made once."""
    taken: list[Edit] = []
    kept: list[Fix] = []
    for fix in fixes:
        if all(edit == other or not _touch(edit, other) for edit in fix.edits for other in taken):
            kept.append(fix)
            taken += fix.edits
    return kept


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text of one file after edits that do not touch each other; line ends become those of the edited line."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    pieces, end = [], 0
    for edit in sorted(set(edits), key=lambda edit: edit.span):
        start = starts[edit.span.line - 1] + edit.span.column - 1
        pieces += [text[end:start], edit.text.replace("\n", _line_end(text, start))]
        end = starts[edit.span.end_line - 1] + edit.span.end_column - 1
    return "".join([*pieces, text[end:]])


def patch(path: str, before: str, after: str) -> str:
    """A unified diff, which `patch -p0` applies; empty where nothing differs."""
    lines = difflib.unified_diff(_lines(before), _lines(after), path, path)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _touch(one: Edit, other: Edit) -> bool:
    """Whether two edits overlap or meet at a point, where their order would matter."""
    a, b = one.span, other.span
    ends_before = (a.end_line, a.end_column) < (b.line, b.column)
    starts_after = (b.end_line, b.end_column) < (a.line, a.column)
    return a.path == b.path and not ends_before and not starts_after


def _line_end(text: str, offset: int) -> str:
    """How the line at an offset ends; where it is the last one, how the first does."""
    found = _LINE_END.search(text, offset) or _LINE_END.search(text)
    return found.group() if found else "\n"


def _lines(text: str) -> Sequence[str]:
    """Lines with their ends, split where `patch` splits: at newlines only."""
    return list(_split(text))


def _split(text: str) -> Iterator[str]:
    *whole, last = text.split("\n")
    yield from (line + "\n" for line in whole)
    if last:
        yield last

"""What a pull request's author may take over with a click: a fix as the lines that it makes of the lines around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import reread

from exportlint.finding import Fix
from exportlint.fix.edits import applied
from exportlint.report.escaping import visible
from exportlint.source.module import Unreadable, decode, read

MOST = 10
MOST_LINES = 40
LONGEST = 2_000  # characters


def suggestions(findings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The first ten fixes of findings, as they stand in check's report, that are no larger than a suggestion may be."""
    found: list[dict[str, Any]] = []
    for finding in findings:
        if len(found) < MOST and finding["fix"] and (made := _made(reread.fix(finding["fix"]))):
            entry = {"rule": finding["rule"], "safe": finding["fix"]["safe"], **made}
            if entry not in found:
                found.append(entry)
    return found


def fits(text: str) -> bool:
    """Whether a suggestion may have this text: nothing in it is unseen or is not what it looks like."""
    lines = text.replace("\t", " ").split("\n")
    return len(text) <= LONGEST and len(lines) <= MOST_LINES and all(visible(line) == line for line in lines)


def _made(fix: Fix) -> dict[str, Any] | None:
    """Where the lines are that a fix changes, and what it makes of them; None for what is more than one stretch."""
    path = fix.edits[0].span.path
    first = min(edit.span.line for edit in fix.edits)
    last = max(edit.span.end_line for edit in fix.edits)
    if any(edit.span.path != path for edit in fix.edits) or last - first >= MOST_LINES:
        return None
    try:
        before = decode(read(Path(path), path), path)
    except Unreadable:
        return None
    old, new = before.split("\n"), applied(before, fix.edits).split("\n")
    text = "\n".join(new[first - 1 : len(new) - (len(old) - last)])
    return {"path": path, "line": first, "end_line": last, "text": text} if fits(text) else None

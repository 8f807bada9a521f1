"""Leaves out findings that are known (a baseline) or that nobody just made (unchanged lines); writes baselines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from exportlint.cli.stderr import say
from exportlint.finding import Finding, Report
from exportlint.mistake import UserMistake
from exportlint.report.view import View

if TYPE_CHECKING:
    from exportlint.source.changes import Changes

SCHEMA = 1


@dataclass(frozen=True)
class Narrowing:
    """What to leave out: findings of the file `baseline`; those on lines unchanged since the revision `since`."""

    baseline: Path | None = None
    since: str | None = None

    def of(self, report: Report, view: View) -> Report:
        """The report without what is to be left out, which it counts. Raises UserMistake."""
        if self.baseline is not None:
            kept = _without(report.findings, _read(self.baseline), view)
            report = replace(report, findings=kept, known=len(report.findings) - len(kept))
        if self.since is not None:
            from exportlint.source.changes import Changes

            changes = Changes(Path.cwd(), self.since)
            kept = tuple(finding for finding in report.findings if touched(finding, changes))
            report = replace(report, findings=kept, unchanged=len(report.findings) - len(kept))
        return report


def touched(finding: Finding, changes: Changes) -> bool:
    """Whether one of the lines of a finding has changed, or a place that belongs to it."""
    span = finding.span
    if not changes.lines(Path(span.path)).isdisjoint(range(span.line, span.end_line + 1)):
        return True
    return any(place.line in changes.lines(Path(place.path)) for place in finding.related)


def write(report: Report, file: Path, view: View) -> None:
    """Writes a baseline: all findings of a report, notes too. Raises UserMistake."""
    from exportlint.report.fingerprint import fingerprints

    entries = [
        {"rule": finding.rule, "path": view.from_root(finding.span.path), "symbol": finding.symbol, "fingerprint": own}
        for finding, own in zip(report.findings, fingerprints(report.findings, view), strict=True)
    ]
    entries.sort(key=lambda entry: (entry["path"], entry["symbol"], entry["rule"], entry["fingerprint"]))
    text = json.dumps({"schema": SCHEMA, "findings": entries}, indent=1) + "\n"
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserMistake(f"--write-baseline {file}: cannot be written: {error.strerror}") from error
    count = len(entries)
    say(f"exportlint: wrote {count:,} finding{'' if count == 1 else 's'} to {file}; --baseline {file} leaves them out")


def _read(file: Path) -> frozenset[str]:
    """The fingerprints of a baseline. Raises UserMistake."""
    try:
        document = json.loads(file.read_text("utf-8"))
        entries = document["findings"] if document["schema"] == SCHEMA else None
        return frozenset(entry["fingerprint"] for entry in entries)
    except OSError as error:
        raise UserMistake(f"--baseline {file}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserMistake(f"--baseline {file}: is none; write it with --write-baseline {file}") from error


def _without(findings: Sequence[Finding], known: frozenset[str], view: View) -> tuple[Finding, ...]:
    from exportlint.report.fingerprint import fingerprints

    return tuple(f for f, own in zip(findings, fingerprints(findings, view), strict=True) if own not in known)

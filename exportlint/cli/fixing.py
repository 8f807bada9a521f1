"""`check --fix` and `check --diff`: what is to be fixed, and whether it is written or shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from exportlint.cli.output import Destination, write
from exportlint.cli.stderr import say
from exportlint.finding import Finding, Report, Severity
from exportlint.fix import files
from exportlint.fix.edits import patch
from exportlint.fix.run import Fixed, until_stable
from exportlint.report.escaping import visible

Look = Callable[[Mapping[str, str]], Report]


@dataclass(frozen=True)
class Wish:
    """Which fixes are to be made: `unsafe` ones too; those of notes too, when they are shown."""

    unsafe: bool
    notes: bool

    def includes(self, finding: Finding) -> bool:
        """Whether the fix of a finding is to be made."""
        safe_enough = finding.fix is not None and (finding.fix.safe or self.unsafe)
        return safe_enough and (self.notes or finding.severity is not Severity.INFO)


def make(look: Look, wish: Wish) -> Report:
    """Writes the fixes; what is left is returned. Raises UserMistake when a file cannot be written."""
    fixed = until_stable(look, {}, wish.includes)
    files.write(fixed.changes)
    say(_summary("fixed", fixed, wish))
    return fixed.left


def show(look: Look, stdin: tuple[str, str] | None, wish: Wish, destination: Destination) -> Report:
    """Shows the fixes as a patch and writes nothing; what is found in the source as it is is returned."""
    fixed = until_stable(look, dict([stdin]) if stdin else {}, wish.includes)
    text = "".join(patch(change.path, change.before, change.after) for change in fixed.changes)
    if destination.file is None and sys.stdout.isatty():
        text = "".join(visible(line) + "\n" for line in text.splitlines())
    write(text, destination)
    say(_summary("would fix", fixed, wish))
    return fixed.found


def _summary(done: str, fixed: Fixed, wish: Wish) -> str:
    where = f" in {_count(len(fixed.changes), 'file')}" if fixed.changes else ""
    text = f"exportlint: {done} {_count(fixed.fixes, 'finding')}{where}"
    unsafe = sum(Wish(True, wish.notes).includes(f) and not wish.includes(f) for f in fixed.left.findings)
    return text + (f"; {unsafe} more with --unsafe-fixes" if unsafe else "")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")

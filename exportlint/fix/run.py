"""From findings to fixed source: proposes a fix for each finding, and applies fixes until none is left to make."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from exportlint.finding import Edit, Finding, Fix, Report
from exportlint.fix.edits import applied, compatible
from exportlint.fix.files import Change
from exportlint.fix.fixer import fixers_of
from exportlint.fix.site import Site
from exportlint.fix.source import Source, Unfixable
from exportlint.source.module import Module, Unreadable, decode, parse_text, read

MOST_PASSES = 20
"""Passes after which what is left stays as findings. One pass makes all fixes that do not touch each other."""

Texts = Mapping[str, str]
"""Source by the path that findings show; what is not there is read from disk."""


class FixerCrash(Exception):
    """A fixer raised, or spoilt the source: our bug. Names the rule, the file and the line."""


@dataclass(frozen=True)
class Fixed:
    """What was `found` before `changes`, and what is `left` after them; `fixes` were made, each for a finding."""

    found: Report
    left: Report
    changes: tuple[Change, ...]
    fixes: int


def propose(report: Report, texts: Texts) -> Report:
    """The report with a fix at each finding that has one. Raises FixerCrash."""
    return _Proposals().of(report, texts)


def until_stable(look: Callable[[Texts], Report], texts: Texts, wanted: Callable[[Finding], bool]) -> Fixed:
    """Makes the fixes of the findings that are `wanted` until `look`, given the new texts, finds no more of them.

    `texts` is what `look` is given first. Writes nothing. Raises FixerCrash.
    """
    before: dict[str, str] = {}
    now = dict(texts)
    made = 0
    proposals = _Proposals()
    found = left = proposals.of(look(now), now)
    for _ in range(MOST_PASSES):
        fixes = compatible(f.fix for f in left.findings if f.fix is not None and wanted(f))
        if not fixes:
            break
        for path, edits in _by_path(fixes):
            before.setdefault(path, _text(path, now))
            now[path] = _edited(path, _text(path, now), edits, fixes)
        made += len(fixes)
        left = proposals.of(look(now), now)
    changes = tuple(Change(path, text, now[path]) for path, text in sorted(before.items()) if text != now[path])
    return Fixed(found, left, changes, made)


class _Proposals:
    """The fixes of findings, each looked for once as long as the text of its file stays the same."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[str, dict[Finding, Finding]]] = {}

    def of(self, report: Report, texts: Texts) -> Report:
        """The report with a fix at each finding that has one. Raises FixerCrash."""
        findings: list[Finding] = []
        for path, here in groupby(report.findings, key=lambda finding: finding.span.path):
            findings += self._of_file(path, list(here), texts)
        return replace(report, findings=tuple(findings))

    def _of_file(self, path: str, findings: list[Finding], texts: Texts) -> list[Finding]:
        """The findings in one file; its syntax is held no longer than that."""
        if not any(finding.fix is None and fixers_of(finding.rule) for finding in findings):
            return findings
        try:
            text = _text(path, texts)
            source = Source(Module(path, "", Path(), False, text, parse_text(text, path)))
        except Unreadable:  # it has gone or was spoilt since, which the next check will say
            return findings
        known, made = self._made.get(path, ("", {}))
        if known != text:
            made = {}
        self._made[path] = text, {one: made[one] if one in made else _proposed(one, source) for one in findings}
        return [self._made[path][1][one] for one in findings]


def _proposed(finding: Finding, source: Source) -> Finding:
    fixers = fixers_of(finding.rule)
    if finding.fix is not None or not fixers:
        return finding
    site = Site.of(source, finding.span)
    for fixer in fixers if site else ():
        try:
            fix = fixer.fix(finding, site)
        except Unfixable:
            continue
        except Exception as error:
            where = f"{finding.span.path}:{finding.span.line}"
            raise FixerCrash(f"fixer {fixer.name} crashed at {where}") from error
        if fix is not None:
            return replace(finding, fix=fix)
    return finding


def _by_path(fixes: list[Fix]) -> Iterator[tuple[str, list[Edit]]]:
    """The edits of each file."""
    edits: dict[str, list[Edit]] = {}
    for fix in fixes:
        for edit in fix.edits:
            edits.setdefault(edit.span.path, []).append(edit)
    yield from sorted(edits.items())


def _text(path: str, texts: Texts) -> str:
    return texts[path] if path in texts else decode(read(Path(path), path), path)


def _edited(path: str, text: str, edits: list[Edit], fixes: list[Fix]) -> str:
    result = applied(text, edits)
    try:
        ast.parse(result)
    except SyntaxError as error:
        made = ", ".join(sorted({fix.message for fix in fixes}))
        raise FixerCrash(f"{path}:{error.lineno} does not parse after: {made}") from error
    return result

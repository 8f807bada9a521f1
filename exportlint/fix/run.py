"""From findings to fixed source: proposes a fix for each finding, and applies fixes until none is left to make."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from exportlint.finding import Finding, Fix, Report
from exportlint.fix.edits import applied, compatible
from exportlint.fix.files import Change
from exportlint.fix.fixer import fixers_of
from exportlint.fix.site import Source, Unfixable
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
    sources: dict[str, Source | None] = {}
    return replace(report, findings=tuple(_proposed(finding, sources, texts) for finding in report.findings))


def until_stable(look: Callable[[Texts], Report], texts: Texts, wanted: Callable[[Finding], bool]) -> Fixed:
    """Makes the fixes of the findings that are `wanted` until `look`, given the new texts, finds no more of them.

    `texts` is what `look` is given first. Writes nothing. Raises FixerCrash.
    """
    before: dict[str, str] = {}
    now = dict(texts)
    made = 0
    found = left = propose(look(now), now)
    for _ in range(MOST_PASSES):
        fixes = compatible(f.fix for f in left.findings if f.fix is not None and wanted(f))
        if not fixes:
            break
        for path in sorted({edit.span.path for fix in fixes for edit in fix.edits}):
            before.setdefault(path, _text(path, now))
            now[path] = _edited(path, _text(path, now), fixes)
        made += len(fixes)
        left = propose(look(now), now)
    changes = tuple(Change(path, text, now[path]) for path, text in sorted(before.items()) if text != now[path])
    return Fixed(found, left, changes, made)


def _proposed(finding: Finding, sources: dict[str, Source | None], texts: Texts) -> Finding:
    fixers = fixers_of(finding.rule)
    if finding.fix is not None or not fixers:
        return finding
    path = finding.span.path
    if path not in sources:
        sources[path] = _source(path, texts)
    source = sources[path]
    site = source.site(finding.span) if source else None
    for fixer in fixers if site else ():
        try:
            fix = fixer.fix(finding, site)
        except Unfixable:
            continue
        except Exception as error:
            raise FixerCrash(f"fixer {fixer.name} crashed at {path}:{finding.span.line}") from error
        if fix is not None:
            return replace(finding, fix=fix)
    return finding


def _source(path: str, texts: Texts) -> Source | None:
    """A file that was checked; None when it has gone or was spoilt since, which the next check will say."""
    try:
        text = _text(path, texts)
        return Source(Module(path, "", Path(), False, text, parse_text(text, path)))
    except Unreadable:
        return None


def _text(path: str, texts: Texts) -> str:
    return texts[path] if path in texts else decode(read(Path(path), path), path)


def _edited(path: str, text: str, fixes: list[Fix]) -> str:
    result = applied(text, [edit for fix in fixes for edit in fix.edits if edit.span.path == path])
    try:
        ast.parse(result)
    except SyntaxError as error:
        made = ", ".join(sorted({fix.message for fix in fixes}))
        raise FixerCrash(f"{path}:{error.lineno} does not parse after: {made}") from error
    return result

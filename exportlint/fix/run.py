"""From findings to fixed source: proposes fixes for those of a file, and applies fixes until none is left to make."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from exportlint.finding import Edit, Finding, Fix, Report
from exportlint.fix.edits import applied, compatible
from exportlint.fix.files import Change
from exportlint.fix.fixer import fixers_of
from exportlint.fix.site import Site
from exportlint.fix.source import Source, Unfixable
from exportlint.source.module import Module, decode, read

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


def proposed(findings: Sequence[Finding], module: Module) -> tuple[Finding, ...]:
    """The findings of a file, each with its fix where there is one. Raises FixerCrash."""
    source = Source(module)
    return tuple(_proposed(finding, source) for finding in findings)


def until_stable(look: Callable[[Texts], Report], texts: Texts, wanted: Callable[[Finding], bool]) -> Fixed:
    """Makes the fixes of the findings that are `wanted` until `look`, given the new texts, finds no more of them.

    `texts` is what `look` is given first; what it finds has its fixes. Writes nothing. Raises FixerCrash.
    """
    before: dict[str, str] = {}
    now = dict(texts)
    made = 0
    found = left = look(now)
    for _ in range(MOST_PASSES):
        fixes = compatible(f.fix for f in left.findings if f.fix is not None and wanted(f))
        if not fixes:
            break
        for path, edits in _by_path(fixes):
            before.setdefault(path, _text(path, now))
            now[path] = _edited(path, _text(path, now), edits, fixes)
        made += len(fixes)
        left = look(now)
    changes = tuple(Change(path, text, now[path]) for path, text in sorted(before.items()) if text != now[path])
    return Fixed(found, left, changes, made)


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

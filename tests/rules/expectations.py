"""Findings against markers: what is surplus, what is unmet, and which known errors have been repaired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from exportlint.check import check
from exportlint.finding import Finding, Severity
from exportlint.rule import all_rules
from tests.rules.fixture import Fixture, Marker, Model

LOUD = (Severity.ERROR, Severity.WARNING)


def findings(fixture: Fixture, folder: Path) -> tuple[Finding, ...]:
    """What `check` says about a fixture with all targets and its models configured; `folder` is made its project."""
    fixture.write(folder)
    report = check([folder / fixture.file], fixture.settings(folder), cache=False)
    assert report.problems == ()
    return report.findings


def problems(fixture: Fixture, found: Iterable[Finding]) -> list[str]:
    """One line for each place where findings and markers disagree; empty when all is as claimed."""
    found = tuple(found)
    return [
        f"{fixture.file}:{line}: {text}" for line, text in sorted([*_unmet(fixture, found), *_surplus(fixture, found)])
    ]


def claimed(marker: Marker, found: Iterable[Finding]) -> list[Finding]:
    """The findings that an EXPECT, NOTE or FALSE covers: at least one of its targets is theirs."""
    loud = marker.kind != "NOTE"
    return [
        finding
        for finding in found
        if (finding.span.line, finding.rule) == (marker.line, marker.rule)
        and (finding.severity in LOUD) == loud
        and (marker.kind == "FALSE" or marker.text in finding.message)
        and (not marker.targets or set(marker.targets) & set(finding.targets))
    ]


def targets_of(marker: Marker, found: Iterable[Finding]) -> frozenset[str]:
    """The targets a marker speaks of: those it names, else those of its findings; for a miss, all of the rule's."""
    if marker.targets:
        return frozenset(marker.targets)
    if marker.kind == "MISSED":
        return frozenset(next(rule.targets for rule in all_rules() if rule.code == marker.rule))
    return frozenset(target for finding in claimed(marker, found) for target in finding.targets)


def _unmet(fixture: Fixture, found: tuple[Finding, ...]) -> Iterator[tuple[int, str]]:
    for marker in fixture.markers:
        here = [finding for finding in found if finding.span.line == marker.line]
        if marker.kind == "MISSED":
            seen = {t for f in here if f.rule == marker.rule and f.severity in LOUD for t in f.targets}
            repaired = seen & targets_of(marker, found)
            if repaired:
                yield marker.line, f"repaired for {_listed(repaired)}: make it EXPECT: {marker}"
            continue
        covered = claimed(marker, found)
        named = {target for finding in covered for target in finding.targets}
        lacking = set(marker.targets) - named
        if covered and not lacking:
            continue
        what = "repaired: take the marker out" if marker.kind == "FALSE" else "unmet"
        which = f" for {_listed(lacking)}" if covered else ""
        stands = "; ".join(map(_shown, here)) or "nothing"
        yield marker.line, f"{what}{which}: {marker}\n    on this line: {stands}"


def _surplus(fixture: Fixture, found: tuple[Finding, ...]) -> Iterator[tuple[int, str]]:
    for finding in found:
        if finding.severity not in LOUD:
            continue
        left = set(finding.targets)
        for marker in fixture.markers:
            if marker.kind in ("EXPECT", "FALSE") and finding in claimed(marker, found):
                left -= set(marker.targets or finding.targets)
        if left:
            yield finding.span.line, f"surplus for {_listed(left)}: {_shown(finding)}"


def _listed(targets: Iterable[str]) -> str:
    return ", ".join(sorted(targets))


def _shown(finding: Finding) -> str:
    return f"{finding.severity.value} {finding.rule} [{', '.join(finding.targets)}] {finding.message}"


@dataclass(frozen=True)
class Claims:
    """What is claimed of one model and target: findings that torch must back, known misses, known false alarms."""

    backed: tuple[Finding, ...] = ()
    missed: tuple[Marker, ...] = ()
    false: tuple[Marker, ...] = ()

    @property
    def fails(self) -> bool:
        return bool(self.backed or self.missed)


def claims(fixture: Fixture, model: Model, target: str, found: tuple[Finding, ...]) -> Claims:
    """The claims of a model's markers for a target."""
    markers = [marker for marker in fixture.of(model) if target in targets_of(marker, found)]
    backed = [f for m in markers if m.kind == "EXPECT" for f in claimed(m, found) if target in f.targets]
    missed, false = (tuple(m for m in markers if m.kind == kind) for kind in ("MISSED", "FALSE"))
    return Claims(tuple(dict.fromkeys(backed)), missed, false)

"""How well `check` foretold what was observed: recall and precision on lines that really ran."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from truth.observe import Row
from truth.places import Spot

Finding = dict  # as in the JSON of `check`


@dataclass(frozen=True)
class Score:
    """`found` of `of` lines; `false` errors among `errors`; of the models `accepted`, those `spoilt` by an error.

    Each false error and each miss is named by its place.
    """

    target: str
    refused: int
    accepted: int
    found: int
    of: int
    errors: int
    false: tuple[str, ...]
    missed: tuple[str, ...]
    spoilt: int


def scored(target: str, rows: list[Row], findings: list[Finding]) -> Score:
    """How `target` went; `dynamic` is torch.export with a dynamic batch, for which every severity counts."""
    return trace(rows, findings) if target == "trace" else refusals(target, rows, findings)


def trace(rows: list[Row], findings: list[Finding]) -> Score:
    """Lines where a tensor became a Python value and tracing warned; errors that nothing confirms are false."""
    events = {spot for row in rows for spot in set(row.converted) & set(row.warned)}
    confirmed = {spot for row in rows for spot in (*row.converted, *row.warned, row.refused.get("trace"))}
    errors = _errors(findings, "trace", rows)
    false = [f for f in errors if not any((f["path"], line) in confirmed for line in _lines(f))]
    missed = sorted(spot for spot in events if not _named(spot, findings, "trace"))
    return _score("trace", rows, len(events), missed, errors, false)


def refusals(target: str, rows: list[Row], findings: list[Finding]) -> Score:
    """Lines at which an exporter stops; an error on a line of a model that it accepts is false."""
    spots = {spot for row in rows if (spot := row.refused.get(target)) is not None}
    errors = _errors(findings, target, rows)
    false = [f for f in errors if any(_ran(f, row) for row in rows if target in row.accepted)]
    missed = sorted(spot for spot in spots if not _named(spot, findings, target, 1))
    return _score(target, rows, len(spots), missed, errors, false)


def _score(
    target: str, rows: list[Row], of: int, missed: list[Spot], errors: list[Finding], false: list[Finding]
) -> Score:
    accepted = [row for row in rows if target in row.accepted]
    return Score(
        target,
        refused=sum(target in row.refused for row in rows),
        accepted=len(accepted),
        found=of - len(missed),
        of=of,
        errors=len(errors),
        false=tuple(f"{f['path']}:{f['line']} {f['rule']}" for f in false),
        missed=tuple(f"{file}:{line}" for file, line in missed),
        spoilt=sum(any(_ran(f, row) for f in false) for row in accepted),
    )


def _errors(findings: list[Finding], target: str, rows: list[Row]) -> list[Finding]:
    return [
        f
        for f in findings
        if f["severity"] == "error" and _exporter(target) in f["targets"] and any(_ran(f, row) for row in rows)
    ]


def _exporter(target: str) -> str:
    return "export" if target == "dynamic" else target


def _lines(finding: Finding) -> range:
    return range(finding["line"], finding["end_line"] + 1)


def _ran(finding: Finding, row: Row) -> bool:
    ran = row.lines.get(finding["path"])
    return ran is not None and not set(ran).isdisjoint(_lines(finding))


def _named(spot: Spot, findings: list[Finding], target: str, off: int = 0) -> bool:
    return any(
        file == spot[0] and first - off <= spot[1] <= last + off
        for finding in findings
        if _exporter(target) in finding["targets"] and (target == "dynamic" or finding["severity"] != "info")
        for file, first, last in _places(finding)
    )


def _places(finding: Finding) -> Iterator[tuple[str, int, int]]:
    yield finding["path"], finding["line"], finding["end_line"]
    for other in finding.get("related", ()):
        yield other["path"], other["line"], other.get("end_line", other["line"])

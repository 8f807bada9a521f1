"""How well `check` foretold what was observed: recall and precision on lines that really ran."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from truth.observe import Row, Spot

Finding = dict  # as in the JSON of `check`


@dataclass(frozen=True)
class Score:
    """`faults` found of `of`; `false` errors among `errors`; each false one and each miss by its place."""

    target: str
    faults: int
    of: int
    errors: int
    false: tuple[str, ...]
    missed: tuple[str, ...]


def trace(rows: list[Row], findings: list[Finding]) -> Score:
    """Lines where a tensor became a Python value and tracing warned; errors that nothing confirms are false."""
    events = {spot for row in rows for spot in set(row.converted) & set(row.warned)}
    confirmed = {spot for row in rows for spot in (*row.converted, *row.warned, row.refused.get("trace"))}
    errors = [f for f in findings if _is_error(f, "trace") and any(_ran(f, row) for row in rows)]
    false = [f for f in errors if not any((f["path"], line) in confirmed for line in _lines(f))]
    missed = sorted(spot for spot in events if not _named(spot, findings, "trace"))
    return _score("trace", len(events), missed, errors, false)


def refusals(target: str, rows: list[Row], findings: list[Finding]) -> Score:
    """Lines at which an exporter stops; an error on a line of a model that it accepts is false."""
    spots = {spot for row in rows if (spot := row.refused.get(target)) is not None}
    accepted = [row for row in rows if target in row.accepted]
    errors = [f for f in findings if _is_error(f, target) and any(_ran(f, row) for row in rows)]
    false = [f for f in errors if any(_ran(f, row) for row in accepted)]
    missed = sorted(spot for spot in spots if not _named(spot, findings, target, 1))
    return _score(target, len(spots), missed, errors, false)


def _score(target: str, of: int, missed: list[Spot], errors: list[Finding], false: list[Finding]) -> Score:
    return Score(
        target,
        of - len(missed),
        of,
        len(errors),
        tuple(f"{f['path']}:{f['line']} {f['rule']}" for f in false),
        tuple(f"{file}:{line}" for file, line in missed),
    )


def _is_error(finding: Finding, target: str) -> bool:
    return finding["severity"] == "error" and target in finding["targets"]


def _lines(finding: Finding) -> range:
    return range(finding["line"], finding["end_line"] + 1)


def _ran(finding: Finding, row: Row) -> bool:
    return not set(_lines(finding)).isdisjoint(row.lines.get(finding["path"], ()))


def _named(spot: Spot, findings: list[Finding], target: str, off: int = 0) -> bool:
    return any(
        file == spot[0] and first - off <= spot[1] <= last + off
        for finding in findings
        if target in finding["targets"] and finding["severity"] != "info"
        for file, first, last in _places(finding)
    )


def _places(finding: Finding) -> Iterator[tuple[str, int, int]]:
    yield finding["path"], finding["line"], finding["end_line"]
    for other in finding.get("related", ()):
        yield other["path"], other["line"], other.get("end_line", other["line"])

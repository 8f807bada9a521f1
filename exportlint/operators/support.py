"""Does this call export? Answered from the measured table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from exportlint.operators import table as tables
from exportlint.flow.events import OperatorCall
from exportlint.operators.names import UNKNOWN, namesakes, normal
from exportlint.operators.nearest import nearest
from exportlint.operators.table import Row, Table

_STATUS = {
    tables.OK: "ok",
    tables.EXPORT: "not-available",
    tables.CRASH: "not-available",
    tables.TIMEOUT: "not-available",
    tables.RUNTIME: "runtime-refuses",
    tables.DIFFERS: "differs",
    tables.OTHER_OPSET: "other-opset",
    tables.UNMEASURED: "unknown",
}


@dataclass(frozen=True)
class Support:
    """What was measured for calls like this one.

    `status`: ok, not-available (the export fails), runtime-refuses (ONNX Runtime does not load or run the file), differs
    (it computes something else), other-opset (the file comes out at another opset than asked), unknown.
    `works_at`: the opsets at which this exporter works; `others`: the exporters that work at the opset asked for.
    """

    status: str
    works_at: tuple[int, ...] = ()
    others: tuple[str, ...] = ()

    def lowest_from(self, opset: int) -> int | None:
        """The lowest opset from `opset` on that works."""
        return min((at for at in self.works_at if at >= opset), default=None)


UNKNOWN_SUPPORT = Support("unknown")


def support(name: str, arguments: Mapping[str, object], exporter: str, opset: int, torch: str) -> Support:
    """What happens to a call of `name` when `exporter` exports it at `opset` with that torch release.

    `arguments` by parameter name or position, as the table's tools and the interpreter name them; a value that is not
    known is names.UNKNOWN. A name or an opset that was not measured is "unknown".
    """
    table = tables.load(torch)
    if exporter not in table.opsets or opset not in table.opsets[exporter]:
        return UNKNOWN_SUPPORT
    rows = like(table, name, arguments)
    if not rows:
        return UNKNOWN_SUPPORT
    status = _STATUS[_verdict(table, rows, exporter, opset)]
    works_at = tuple(at for at in table.opsets[exporter] if _verdict(table, rows, exporter, at) == tables.OK)
    others = tuple(
        other
        for other, opsets in table.opsets.items()
        if other != exporter and opset in opsets and _verdict(table, rows, other, opset) == tables.OK
    )
    return Support(status, works_at, others)


def asked(event: OperatorCall) -> dict[str, object]:
    """An event's arguments as `support` wants them."""
    arguments = dict.fromkeys(event.given, UNKNOWN) | dict(event.arguments)
    return arguments | ({"@dtype": event.dtype} if event.dtype else {})


def advice(found: Support, exporter: str, opset: int) -> str:
    """What to do about a call that does not work, from what was measured to work."""
    ways = []
    higher = found.lowest_from(opset)
    if higher is not None:
        ways.append(f"export at opset {higher} or later")
    elif found.works_at:
        ways.append(f"export at opset {found.works_at[-1]} at most")
    ways += [f"export with target {other}" for other in found.others]
    if not ways:
        return "no opset of either exporter was measured to work: write it with other operations"
    return f"{' or '.join(ways)}; that was measured to work"


def like(table: Table, name: str, arguments: Mapping[str, object]) -> list[Row]:
    """The measured calls most like this one; none when nothing speaks for the name."""
    for spelling in namesakes(name, table.aliases):
        if spelling in table:
            defaults = table.defaults(spelling)
            given = normal(name, spelling, arguments)
            asked = {key: value for key, value in given.items() if key not in defaults or not same(defaults[key], value)}
            return nearest(table.rows(spelling), asked)
    return []


def same(one: object, other: object) -> bool:
    """Equal, and of one type: 1 is not True."""
    return type(one) is type(other) and one == other


def _verdict(table: Table, rows: list[Row], exporter: str, opset: int) -> str:
    """The outcome of most of the rows; of the first, where two are as frequent."""
    index = table.opsets[exporter].index(opset)
    letters = Counter(row.outcomes[exporter][index] for row in rows)
    return letters.most_common(1)[0][0]

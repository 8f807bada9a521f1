"""Does this call export? Answered from the measured table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from exportlint.flow.events import OperatorCall
from exportlint.operators import table as tables
from exportlint.operators.names import NUMBER, UNKNOWN, namesakes, normal
from exportlint.operators.nearest import nearest
from exportlint.operators.recipes import Recipe
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


# What models give these to work on where the analysis does not know: masks, counts, ids; floats are the exception.
_USUAL_DTYPE = {
    "operator.and_": "bool",
    "operator.or_": "bool",
    "operator.xor": "bool",
    "operator.invert": "bool",
    "torch.Tensor.all": "bool",
    "torch.Tensor.any": "bool",
    "torch.Tensor.logical_not_": "bool",
    "torch.all": "bool",
    "torch.any": "bool",
    "operator.floordiv": "int64",
    "operator.rshift": "int64",
    "torch.bitwise_and": "int64",
    "torch.bitwise_not": "int64",
    "torch.bitwise_or": "int64",
    "torch.bitwise_xor": "int64",
    "torch.Tensor.unique": "int64",
    "torch.Tensor.unique_consecutive": "int64",
    "torch.unique": "int64",
    "torch.unique_consecutive": "int64",
}


@dataclass(frozen=True)
class Support:
    """What was measured for calls like this one.

    `status`: ok, not-available (the export fails), runtime-refuses (ONNX Runtime refuses the file), differs (the file
    computes something else), other-opset (it comes out at another opset than asked), unknown.
    Of a call that does not work also `works_at`: the opsets at which this exporter works; and `others`: other exporters
    that work, each with the lowest opset for that, from the one asked for on.
    """

    status: str
    works_at: tuple[int, ...] = ()
    others: tuple[tuple[str, int], ...] = ()

    def lowest_from(self, opset: int) -> int | None:
        """The lowest opset from `opset` on that works."""
        return min((at for at in self.works_at if at >= opset), default=None)


UNKNOWN_SUPPORT = Support("unknown")


def support(name: str, arguments: Mapping[str, object], exporter: str, opset: int, torch: str) -> Support:
    """What happens to a call of `name` when `exporter` exports it at `opset` with that torch release.

    `arguments` by parameter name or position, as the table's tools and the interpreter name them; a value that is not
    known is names.UNKNOWN, or names.NUMBER. A name or an opset that was not measured is "unknown".
    """
    typed = tuple(sorted((key, type(value).__name__, value) for key, value in arguments.items()))
    return _support(name, typed, exporter, opset, torch)


@cache
def _support(name: str, typed: tuple[tuple[str, str, object], ...], exporter: str, opset: int, torch: str) -> Support:
    """The same for arguments that can be looked up again: programs repeat their calls. The types tell 1 from True."""
    table = tables.load(torch)
    if exporter not in table.opsets or opset not in table.opsets[exporter]:
        return UNKNOWN_SUPPORT
    rows = _like(name, typed, torch)
    if not rows:
        return UNKNOWN_SUPPORT
    status = _STATUS[_verdict(table, rows, exporter, opset)]
    if status in ("ok", "unknown"):
        return Support(status)
    others = [(other, _works_at(table, rows, other)) for other in table.opsets if other != exporter]
    lowest = [(other, min((at for at in works if at >= opset), default=None)) for other, works in others]
    return Support(
        status, _works_at(table, rows, exporter), tuple((other, at) for other, at in lowest if at is not None)
    )


@cache
def _like(name: str, typed: tuple[tuple[str, str, object], ...], torch: str) -> list[Row]:
    """The rows that speak for a call, whatever the exporter and the opset."""
    return like(tables.load(torch), name, {key: value for key, _, value in typed})


def _works_at(table: Table, rows: list[Row], exporter: str) -> tuple[int, ...]:
    return tuple(at for at in table.opsets[exporter] if _verdict(table, rows, exporter, at) == tables.OK)


def asked(event: OperatorCall) -> dict[str, object]:
    """An event's arguments as `support` wants them."""
    arguments = dict.fromkeys(event.given, UNKNOWN) | dict.fromkeys(event.numbers, NUMBER) | dict(event.arguments)
    shape = dict(event.arguments).get("shape")
    if isinstance(shape, tuple):
        arguments["@rank"] = len(shape)
    if event.name == "torch.linalg.norm" and arguments.get("ord") == 2 and isinstance(arguments.get("dim"), int):
        del arguments["ord"]  # of vectors the default, of which alone there are measured ones
    dtype = event.dtype or _USUAL_DTYPE.get(event.name)
    if dtype is not None:
        arguments["@dtype"] = dtype
    return arguments


def no_kernel(event: OperatorCall, exporter: str, opset: int, torch: str) -> bool:
    """Whether it is the dtype alone that ONNX Runtime refuses: the same call works in float32."""
    given = asked(event)
    if event.dtype in (None, "float32"):
        return False
    return support(event.name, {**given, "@dtype": "float32"}, exporter, opset, torch).status == "ok"


def advice(found: Support, exporter: str, opset: int, recipe: Recipe | None = None) -> str:
    """What to do about a call that does not work, from what was measured to work."""
    ways = [str(recipe)] if recipe else []
    higher = found.lowest_from(opset)
    if higher is not None:
        ways.append(f"export at opset {higher} or later")
    elif found.works_at:
        ways.append(f"export at opset {found.works_at[-1]} at most")
    for other, at in found.others:
        ways.append(f"export with target {other}" + (f" at opset {at}" if at != opset else ""))
    if not ways:
        return "no opset of either exporter was measured to work: write it with other operations"
    return f"{' or '.join(ways)}; that was measured to work"


def like(table: Table, name: str, arguments: Mapping[str, object]) -> list[Row]:
    """The measured calls most like this one; none when nothing speaks for the name."""
    for spelling in namesakes(name, table.aliases):
        if spelling in table:
            defaults = table.defaults(spelling)
            given = normal(name, spelling, arguments)
            asked = {
                key: value for key, value in given.items() if key not in defaults or not same(defaults[key], value)
            }
            return nearest(_telling(table.rows(spelling), asked), asked)
    return []


def _telling(rows: list[Row], asked: Mapping[str, object]) -> list[Row]:
    """Without scalars of other dtypes that fare as those of float32 do: being scalars decides there, not the dtype."""
    if asked.get("@rank") == 0:
        return rows
    scalars = [row for row in rows if row.arguments.get("@rank") == 0 and "@dtype" not in row.arguments]
    alike = [(row.arguments, row.outcomes) for row in scalars]
    return [row for row in rows if "@dtype" not in row.arguments or (_of_float32(row), row.outcomes) not in alike]


def _of_float32(row: Row) -> dict[str, object]:
    return {key: value for key, value in row.arguments.items() if key != "@dtype"}


def same(one: object, other: object) -> bool:
    """Equal, and of one type: 1 is not True. A default of 2.0 is what 2 asks for."""
    return (type(one) is type(other) or {type(one), type(other)} == {int, float}) and one == other


def _verdict(table: Table, rows: list[Row], exporter: str, opset: int) -> str:
    """The outcome of most of the rows; of those with the most usual input, where as many fail as work."""
    index = table.opsets[exporter].index(opset)
    known = [row for row in rows if row.outcomes[exporter][index] != tables.UNMEASURED]
    if not known:
        return tables.UNMEASURED
    usual = max(_usualness(row) for row in known)
    for voters in (known, [row for row in known if _usualness(row) == usual]):
        letters = [row.outcomes[exporter][index] for row in voters]
        failing = Counter(letter for letter in letters if letter != tables.OK)
        if 2 * failing.total() != len(letters):
            return failing.most_common(1)[0][0] if 2 * failing.total() > len(letters) else tables.OK
    return tables.OK


def _usualness(row: Row) -> int:
    """Inputs of four dimensions are the most usual, then those of three, two, one, and more than four."""
    rank = row.arguments.get("@rank", 0)
    return rank if rank in (1, 2, 3, 4) else 0

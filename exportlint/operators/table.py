"""The operator table of one torch release, as `tools/measure_operators.py` measured it; read once, when asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

OK, EXPORT, RUNTIME, DIFFERS, CRASH, TIMEOUT, OTHER_OPSET, UNMEASURED = ".xrdcts?"
BREAKS, STATIC, MIXED, RIGID = "b=~-"
LETTERS = {
    OK: "ok",
    EXPORT: "export failed",
    RUNTIME: "ONNX Runtime refused",
    DIFFERS: "computes something else",
    CRASH: "exporter died",
    TIMEOUT: "took too long",
    OTHER_OPSET: "came out at another opset",
    BREAKS: "fails when it runs",
    STATIC: "came out with a fixed size",
    MIXED: "works for some inputs",
    RIGID: "takes no other sizes",
    UNMEASURED: "not measured",
}
"""What happened in one cell of the table: one letter each. RIGID is said of the call itself, in eager mode."""

DYNAMIC = " dynamic"
"""What stands after a target's name where its way out was measured with dynamic shapes."""


@dataclass(frozen=True)
class Row:
    """One measured call: its arguments by name, and for each ONNX exporter one letter per opset.

    `further`: one letter for each cell of the table's further ways out; "" where none was measured.
    """

    arguments: Mapping[str, object]
    outcomes: Mapping[str, str]
    further: str = ""


@dataclass(frozen=True)
class Table:
    """`versions` of the packages that were measured; `opsets` of each exporter, in the order of the letters.

    `further`: the same of the other ways out, which are "trace", "onnx dynamic" and so on; None is no opset.
    """

    versions: Mapping[str, str]
    opsets: Mapping[str, tuple[int, ...]]
    further: Mapping[str, tuple[int | None, ...]]
    aliases: Mapping[str, str]
    _operators: Mapping[str, dict]
    _rows: dict[str, list[Row]] = field(default_factory=dict, repr=False)

    def names(self) -> list[str]:
        """Every operator that has rows."""
        return sorted(self._operators)

    def __contains__(self, name: str) -> bool:
        return name in self._operators

    def defaults(self, name: str) -> Mapping[str, object]:
        """Values of arguments that mean the same as not giving them."""
        return self._operators[name]["defaults"]

    def rows(self, name: str) -> list[Row]:
        """The measured calls of one operator, the most ordinary first."""
        if name not in self._rows:
            self._rows[name] = [self._row(*stored) for stored in self._operators[name]["rows"]]
        return self._rows[name]

    def _row(self, arguments: dict[str, object], *letters: str) -> Row:
        count = len(self.opsets)
        outcomes = dict(zip(self.opsets, letters[:count], strict=True))
        return Row({key: _value(value) for key, value in arguments.items()}, outcomes, "".join(letters[count:]))

    @property
    def ways(self) -> Mapping[str, tuple[int | None, ...]]:
        """Every way out: the exporters with their opsets, then the further ones."""
        return {**self.opsets, **self.further}

    def letters(self, row: Row, way: str) -> str:
        """A row's letters for a way out, in the order of its opsets."""
        if way in self.opsets:
            return row.outcomes[way]
        others = list(self.further)
        start = sum(len(self.further[other]) for other in others[: others.index(way)])
        return row.further[start : start + len(self.further[way])] or UNMEASURED * len(self.further[way])


def _value(stored: object) -> object:
    if isinstance(stored, list):
        return tuple(_value(member) for member in stored)
    if isinstance(stored, str) and stored in ("<inf>", "<-inf>", "<nan>"):
        return float(stored[1:-1])
    return stored


def releases() -> dict[tuple[int, ...], str]:
    """The torch releases that have a table, with the file's name."""
    files = (entry.name for entry in resources.files("exportlint.data.operators").iterdir())
    found = {}
    for name in files:
        if match := re.fullmatch(r"torch-([\d.]+)\.json", name):
            found[tuple(int(part) for part in match[1].split("."))] = name
    return found


def nearest_release(torch: str) -> str:
    """The release with a table that is nearest to `torch` ("2.13"): the newest that is not newer, else the oldest."""
    known = releases()
    wanted = tuple(int(part) for part in re.findall(r"\d+", torch)[:2])
    return ".".join(map(str, max((release for release in known if release <= wanted), default=min(known))))


@cache
def load(torch: str) -> Table:
    """The table of the release nearest to `torch`."""
    name = f"torch-{nearest_release(torch)}.json"
    text = resources.files("exportlint.data.operators").joinpath(name).read_text(encoding="utf-8")
    stored = json.loads(text)
    opsets = {exporter: tuple(range(first, last + 1)) for exporter, (first, last) in stored["opsets"].items()}
    further = {way: tuple(at) for way, at in stored.get("further", {}).items()}
    return Table(stored["versions"], opsets, further, stored["aliases"], stored["operators"])

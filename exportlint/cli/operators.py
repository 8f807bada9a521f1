"""`exportlint operators`: what was measured of torch's operators, exporter by exporter and opset by opset."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from exportlint.cli.release import of_project
from exportlint.config import OPSETS
from exportlint.config import load as configuration
from exportlint.mistake import UserMistake, did_you_mean
from exportlint.operators.recipes import recipes_for
from exportlint.operators.table import LETTERS, OK, Row, Table, load
from exportlint.rule import DEFAULT_TORCH


@click.command("operators", short_help="Show which operators export, as measured.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--target", type=click.Choice(("onnx", "onnx-ts")), help="This exporter only.")
@click.option("--opset", type=click.IntRange(OPSETS[0], OPSETS[-1]), help="This opset only.")
@click.option("--unsupported", is_flag=True, help="Only calls that do not work there.")
@click.option(
    "--torch",
    metavar="RELEASE",
    help="With this release or the nearest that was measured.  [default: the project's, else 2.13]",
)
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(
    names: tuple[str, ...],
    target: str | None,
    opset: int | None,
    unsupported: bool,
    torch: str | None,
    output_format: str,
) -> int:
    """Shows what happened to calls of NAME (all operators without one) when they were exported and run in ONNX Runtime.

    NAME is a public name ("torch.nn.functional.interpolate") or the end of one ("interpolate"). Where it is known
    what to write instead of a call that does not work, that is shown too.
    """
    table = load(torch or of_project(configuration(Path.cwd()))[0].torch or DEFAULT_TORCH)
    cells = _cells(table, target, opset)
    chosen = _chosen(table, names)
    calls = {name: [row for row in table.rows(name) if not unsupported or _fails(row, cells)] for name in chosen}
    shown = {name: rows for name, rows in calls.items() if rows}
    if output_format == "json":
        click.echo(json.dumps(_described(table, shown, cells), indent=1))
    else:
        click.echo("\n".join(_lines(table, shown, cells)))
    return 0


Cells = dict[str, dict[int, int]]
"""By exporter, the opsets that are shown, each with its place in the row of letters."""


def _cells(table: Table, target: str | None, opset: int | None) -> Cells:
    cells = {
        exporter: {at: index for index, at in enumerate(opsets) if opset in (None, at)}
        for exporter, opsets in table.opsets.items()
        if target in (None, exporter)
    }
    if not any(cells.values()):
        raise UserMistake(f"--opset {opset}: not measured with {target or 'either exporter'}")
    return {exporter: opsets for exporter, opsets in cells.items() if opsets}


def _chosen(table: Table, names: tuple[str, ...]) -> list[str]:
    """The operators that the user names. Raises UserMistake for a name that leads to none."""
    if not names:
        return table.names()
    chosen = set()
    for name in names:
        found = {one for one in table.names() if one == name or one.endswith(f".{name}")}
        found |= {target for alias, target in table.aliases.items() if alias == name or alias.endswith(f".{name}")}
        if not found:
            ends = {one.rpartition(".")[2] for one in table.names()}
            raise UserMistake(f'no operator "{name}" was measured{did_you_mean(name, {*ends, *table.names()})}')
        chosen |= found
    return sorted(chosen)


def _fails(row: Row, cells: Cells) -> bool:
    return any(row.outcomes[exporter][index] != OK for exporter, opsets in cells.items() for index in opsets.values())


def _described(table: Table, calls: dict[str, list[Row]], cells: Cells) -> dict:
    """The document of `--output-format json`."""
    return {
        "schema": 1,
        "versions": dict(table.versions),
        "operators": [
            {
                "name": name,
                "calls": [
                    {
                        "arguments": {key: value for key, value in row.arguments.items() if not key.startswith("@")},
                        "input": {key[1:]: value for key, value in row.arguments.items() if key in ("@rank", "@dtype")},
                        "outcomes": {
                            exporter: {str(at): LETTERS[row.outcomes[exporter][index]] for at, index in opsets.items()}
                            for exporter, opsets in cells.items()
                        },
                    }
                    for row in rows
                ],
                "instead": [asdict(one) for one in recipes_for(name)],
            }
            for name, rows in calls.items()
        ],
    }


def _lines(table: Table, calls: dict[str, list[Row]], cells: Cells) -> Iterator[str]:
    """One line for each operator, one for each call of it with a letter for each opset, and what the letters mean."""
    heads = {exporter: f"{exporter} {_span(list(opsets))}" for exporter, opsets in cells.items()}
    widths = {exporter: max(len(head), len(cells[exporter])) for exporter, head in heads.items()}
    yield "  ".join(heads[exporter].ljust(widths[exporter]) for exporter in cells).rstrip()
    for name, rows in calls.items():
        yield name
        for row in rows:
            letters = {e: "".join(row.outcomes[e][i] for i in opsets.values()) for e, opsets in cells.items()}
            yield "  ".join(letters[e].ljust(widths[e]) for e in cells) + f"  {_call(row)}"
        yield from (f"instead: {one}" for one in recipes_for(name))
    seen = {
        letter for rows in calls.values() for row in rows for letters in row.outcomes.values() for letter in letters
    }
    yield ""
    yield ", ".join(f"{letter} {word}" for letter, word in LETTERS.items() if letter in seen)
    yield "measured with " + ", ".join(f"{package} {version}" for package, version in table.versions.items())


def _span(opsets: list[int]) -> str:
    return str(opsets[0]) if len(opsets) == 1 else f"{opsets[0]}-{opsets[-1]}"


def _call(row: Row) -> str:
    """The arguments as one would write them, then the first input: "dim|other=1   float32, 3 dimensions"."""
    words = [f"{key}={value!r}" for key, value in row.arguments.items() if not key.startswith("@")]
    rank, dtype = row.arguments.get("@rank"), row.arguments.get("@dtype", "float32")
    described = "" if rank is None else f"[{dtype}, {rank} dimensions]"
    return " ".join([", ".join(words).replace("'<tensor>'", "tensor"), described]).strip()

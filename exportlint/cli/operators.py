"""`exportlint operators`: what was measured of torch's operators, exporter by exporter and opset by opset."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from exportlint.cli.operator_lines import Cells, lines
from exportlint.cli.release import of_project
from exportlint.config import OPSETS
from exportlint.config import load as configuration
from exportlint.finding import TARGETS
from exportlint.mistake import UserMistake, did_you_mean
from exportlint.operators.recipes import recipes_for
from exportlint.operators.table import DYNAMIC, LETTERS, OK, RIGID, UNMEASURED, Row, Table, load
from exportlint.rule import DEFAULT_TORCH


@click.command("operators", short_help="Show which operators export, as measured.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--target", type=click.Choice(TARGETS), help="This target only.")
@click.option("--opset", type=click.IntRange(OPSETS[0], OPSETS[-1]), help="This opset only.")
@click.option("--dynamic", is_flag=True, help="Only what was measured with dynamic shapes.")
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
    dynamic: bool,
    unsupported: bool,
    torch: str | None,
    output_format: str,
) -> int:
    """Shows what happened to calls of NAME (all operators without one) when they were exported and run.

    Files of onnx and onnx-ts ran in ONNX Runtime, programs of trace, script and export in torch. With dynamic shapes
    each axis was marked that eager PyTorch takes at another length, and what came out ran at two lengths of each.

    NAME is a public name ("torch.nn.functional.interpolate") or the end of one ("interpolate"). Where it is known
    what to write instead of a call that does not work, that is shown too.
    """
    table = load(torch or of_project(configuration(Path.cwd()))[0].torch or DEFAULT_TORCH)
    cells = _cells(table, target, opset, dynamic)
    chosen = _chosen(table, names)
    calls = {name: [row for row in table.rows(name) if not unsupported or _fails(table, row, cells)] for name in chosen}
    shown = {name: rows for name, rows in calls.items() if rows}
    if output_format == "json":
        click.echo(json.dumps(_described(table, shown, cells), indent=1))
    else:
        click.echo("\n".join(lines(table, shown, cells)))
    return 0


def _cells(table: Table, target: str | None, opset: int | None, dynamic: bool) -> Cells:
    cells = {
        way: {at: index for index, at in enumerate(opsets) if opset in (None, at)}
        for way, opsets in table.ways.items()
        if target in (None, way.removesuffix(DYNAMIC)) and (way.endswith(DYNAMIC) or not dynamic)
    }
    if not any(cells.values()):
        shapes = " and dynamic shapes" if dynamic else ""
        if opset is not None:
            raise UserMistake(f"--opset {opset}: not measured with {target or 'any target'}{shapes}")
        option = f"--target {target}" if target else "--dynamic"
        raise UserMistake(f"{option}: not measured with torch {table.versions['torch']}{shapes if target else ''}")
    return {way: opsets for way, opsets in cells.items() if opsets}


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


def _fails(table: Table, row: Row, cells: Cells) -> bool:
    """Whether a shown cell is of something that does not work; what takes no other sizes says nothing of exporters."""
    shown = (table.letters(row, way)[index] for way, opsets in cells.items() for index in opsets.values())
    return any(letter not in (OK, RIGID, UNMEASURED) for letter in shown)


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
                            if exporter in table.opsets
                        },
                        "further": list(_further(table, row, cells)),
                    }
                    for row in rows
                ],
                "instead": [asdict(one) for one in recipes_for(name)],
            }
            for name, rows in calls.items()
        ],
    }


def _further(table: Table, row: Row, cells: Cells) -> Iterator[dict]:
    """Each measured cell beside those of the ONNX exporters with fixed shapes."""
    for way in (way for way in cells if way in table.further):
        letters = table.letters(row, way)
        target, dynamic = way.removesuffix(DYNAMIC), way.endswith(DYNAMIC)
        for opset, letter in ((opset, letters[index]) for opset, index in cells[way].items()):
            if letter != UNMEASURED:
                yield {"target": target, "opset": opset, "dynamic": dynamic, "outcome": LETTERS[letter]}

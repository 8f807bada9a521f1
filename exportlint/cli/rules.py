"""`exportlint rules`: every rule in one line each."""

from __future__ import annotations

import json
from typing import Any

import click

from exportlint.catalogue import documented
from exportlint.rule import Rule


@click.command("rules", short_help="List the rules.")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(output_format: str) -> int:
    """Lists every rule: its code, name, targets and what it finds. `exportlint explain CODE` tells the rest."""
    rules = documented()
    if output_format == "json":
        click.echo(json.dumps([described(rule) for rule in rules], indent=2, ensure_ascii=False))
        return 0
    rows = [(rule.code, rule.name, ", ".join(rule.targets), rule.summary) for rule in rules]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for *cells, summary in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + f"  {summary}")
    return 0


def described(rule: Rule) -> dict[str, Any]:
    """A rule as JSON, without its documentation. `until` is null while the latest torch still has the fault."""
    return {
        "code": rule.code,
        "name": rule.name,
        "targets": list(rule.targets),
        "since": rule.since,
        "until": rule.until,
        "summary": rule.summary,
    }

"""`exportlint explain CODE`: the documentation of one rule."""

from __future__ import annotations

import json
import sys

import click

from exportlint.catalogue import find, page
from exportlint.cli.rules import described


@click.command("explain", short_help="Show the documentation of a rule.")
@click.argument("rule", metavar="CODE")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(rule: str, output_format: str) -> int:
    """Shows what a rule finds, why that breaks an export, what to write instead, when it is no problem and
    what --fix makes of it.

    CODE is a code such as EXL101 or a name such as data-dependent-branch.
    """
    from exportlint.fix.pages import section

    found = find(rule)
    text = page(found) + section(found.code)
    if output_format == "json":
        document = described(found) | {"documentation": found.documentation.strip()}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console(file=sys.stdout).print(Markdown(text))
    else:
        click.echo(text, nl=False)
    return 0

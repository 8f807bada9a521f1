"""`exportlint merge`: the JSON reports of several runs of `verify` as one report, in any format."""

from __future__ import annotations

from pathlib import Path

import click

from exportlint.cli.output import FORMATS, Destination
from exportlint.cli.verified import Told, tell
from exportlint.verify.running.merged import merged


@click.command("merge", short_help="Join the JSON reports of `verify` from several machines.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--output-format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--output-file", type=click.Path(path_type=Path), metavar="FILE", help="Write the report here, not to stdout."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when a model failed.")
def command(files: tuple[Path, ...], output_format: str, output_file: Path | None, exit_zero: bool) -> int:
    """Joins reports that `verify --output-format json` wrote, such as those of every `--shard`.

    Exit status as of `verify`; 2 when a shard's report is missing, or a model and target stand in two reports.
    """
    whole = merged(files)
    tell(Told(whole.results, whole.findings, whole.left), Destination(output_format, output_file))
    good = not whole.left and all(result.status == "ok" for result in whole.results)
    return 0 if good or exit_zero else 1

"""`exportlint check`: reads source and names the lines that will break an export. Never imports torch or the source."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from exportlint.catalogue import check_words
from exportlint.cli.narrowing import Narrowing
from exportlint.cli.narrowing import write as write_baseline
from exportlint.cli.output import FORMATS, Destination, tell, viewed
from exportlint.cli.release import of_project
from exportlint.cli.stderr import say
from exportlint.config import OPSETS, Settings, load, shown
from exportlint.finding import TARGETS, Report
from exportlint.mistake import UserMistake

STDIN = "-"
WITH_FIXES = ("json", "sarif")
"""Formats that carry fixes; to find them takes libcst, so they are kept with the report for later runs."""


@dataclass(frozen=True)
class Options:
    """The options of the command line; an option that was not given is None or empty and leaves the configuration."""

    target: tuple[str, ...]
    opset: int | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    config: Path | None
    output_format: str
    output_file: Path | None
    exit_zero: bool
    statistics: bool
    pedantic: bool
    fix: bool
    diff: bool
    unsafe_fixes: bool
    no_cache: bool
    verbose: bool
    baseline: Path | None
    write_baseline: Path | None
    changed_since: str | None
    stdin_filename: str


@click.command("check", short_help="Find the lines that break an export, from source alone.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--target", multiple=True, type=click.Choice(TARGETS), help="A way to export; may be repeated.")
@click.option("--opset", type=click.IntRange(OPSETS[0], OPSETS[-1]), help="The ONNX opset to export at.")
@click.option("--select", multiple=True, metavar="CODES", help="Only these rules: codes, their beginnings, or names.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Without these rules.")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Configuration to use instead of the nearest."
)
@click.option("--output-format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--output-file", type=click.Path(path_type=Path), metavar="FILE", help="Write the report here, not to stdout."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when something is found.")
@click.option("--statistics", is_flag=True, help="Count the findings by rule.")
@click.option("--pedantic", is_flag=True, help="Show notes too: what breaks only for a use that nothing declares.")
@click.option("--fix", is_flag=True, help="Write the fixes that do not change what eager PyTorch computes.")
@click.option("--diff", is_flag=True, help="Show what --fix would write as a patch, and write nothing.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also those that may change it.")
@click.option(
    "--baseline", type=click.Path(path_type=Path), metavar="FILE", help="Leave out the findings that this file has."
)
@click.option(
    "--write-baseline", type=click.Path(path_type=Path), metavar="FILE", help="Write all findings to this file."
)
@click.option("--changed-since", metavar="REVISION", help="Only findings on lines changed since this git revision.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--verbose", is_flag=True, help="Say on stderr how much was found again from earlier runs.")
@click.option("--stdin-filename", metavar="FILE", default="stdin.py", help="What to call the source that `-` reads.")
def command(paths: tuple[Path, ...], **given: Any) -> int:
    """Finds the lines that break an export, from source alone.

    PATHS are files and folders, by default the current folder; `-` reads source from standard input.

    Notes are shown with --pedantic only, and in JSON; without it they do not count as findings.

    A baseline lets an old code base start green: its entries know the rule, the file, the function and the text of the
    line, not its number. --changed-since compares with where the branch left REVISION.

    With --fix the findings that are left are shown and counted. Read what --unsafe-fixes changed before you keep it.

    Exit status: 0 nothing found, 1 findings, 2 something to mend first (a path, the configuration, a file that does not
    parse), 3 a bug in exportlint.
    """
    options = Options(**given)
    settings, measured = of_project(_settings(options))
    _check_combination(paths, options)
    stdin = _stdin(options) if Path(STDIN) in paths else None
    look = functools.partial(_look, () if stdin else paths or (Path(),), settings, stdin, not options.no_cache)
    destination = Destination(options.output_format, options.output_file, options.statistics)
    narrowing = Narrowing(options.baseline or settings.baseline, options.changed_since)
    if options.fix or options.diff:
        from exportlint.cli import fixing

        wish = fixing.Wish(options.unsafe_fixes, options.pedantic)
        if options.diff:
            found = narrowing.of(fixing.show(look, stdin, wish, destination), viewed(stdin))
            return _status(_concise(found, options), options)
        report = fixing.make(look, wish)
    else:
        report = look({}, fixes=options.output_format in WITH_FIXES)
        if options.verbose:
            say(_effort(report))
    if options.write_baseline:
        write_baseline(report, options.write_baseline, viewed(stdin))
        return 2 if report.problems else 0
    report = dataclasses.replace(narrowing.of(report, viewed(stdin)), operators=measured)
    tell(report if options.output_format == "json" else _concise(report, options), destination, stdin)
    return _status(_concise(report, options), options)


def _look(
    paths: tuple[Path, ...],
    settings: Settings,
    stdin: tuple[str, str] | None,
    cache: bool,
    texts: Mapping[str, str],
    fixes: bool = True,
) -> Report:
    """What is found, with `texts` in the place of the files (or of the standard input) of these names."""
    from exportlint.check import check

    if stdin:
        return check((), settings, stdin=(stdin[0], texts.get(*stdin)), cache=cache, processes=None, fixes=fixes)
    return check(paths, settings, cache=cache, texts=texts, processes=None, fixes=fixes)


def _check_combination(paths: tuple[Path, ...], options: Options) -> None:
    """Raises UserMistake for paths and options that contradict each other."""
    if Path(STDIN) in paths and len(paths) > 1:
        raise UserMistake(f"{STDIN} reads source from standard input and takes no other path")
    if Path(STDIN) in paths and options.fix:
        raise UserMistake(f"--fix writes files and {STDIN} is none; --diff shows what it would write")
    if options.fix and options.diff:
        raise UserMistake("--fix writes and --diff only shows; give one of them")
    if (options.fix or options.diff) and (options.changed_since or options.write_baseline):
        raise UserMistake(
            "--fix and --diff take all lines: neither --changed-since nor --write-baseline goes with them"
        )
    if options.unsafe_fixes and not (options.fix or options.diff):
        raise UserMistake("--unsafe-fixes goes with --fix or --diff")


def _concise(report: Report, options: Options) -> Report:
    return report if options.pedantic else report.without_notes()


def _settings(options: Options) -> Settings:
    """The configuration with the options of the command line over it. Raises UserMistake."""
    settings = load(Path.cwd(), options.config)
    given = {
        "targets": tuple(target for target in TARGETS if target in options.target),
        "opset": options.opset,
        "select": _words(options.select),
        "ignore": _words(options.ignore),
    }
    where = shown(settings.source) if settings.source else ""
    for key in ("select", "ignore"):
        check_words(given[key], f"--{key}")
        check_words(getattr(settings, key), f"{where}: {key}")
    return dataclasses.replace(settings, **{key: value for key, value in given.items() if value})


def _words(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def _stdin(options: Options) -> tuple[str, str]:
    """The name and the text of the source on standard input. Raises UserMistake."""
    try:
        return options.stdin_filename, sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserMistake(f"{options.stdin_filename}: standard input is not UTF-8 (byte {error.start})") from error


def _effort(report: Report) -> str:
    """How much of a report was made now; one unit of work surveys a file or interprets models of one."""
    if not report.units:
        return "exportlint: nothing has changed since an earlier run: its report"
    return f"exportlint: did {report.fresh:,} of {report.units:,} units of work, the others are of earlier runs"


def _status(report: Report, options: Options) -> int:
    if report.problems:
        return 2
    return 1 if report.findings and not options.exit_zero else 0

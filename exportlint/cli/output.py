"""Where a report goes: standard output, in colour on a terminal, or a file; and what is said beside it on stderr."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from exportlint import cache
from exportlint.catalogue import documented
from exportlint.cli.stderr import say
from exportlint.finding import Problem, Report
from exportlint.mistake import UserMistake
from exportlint.report.escaping import defused, visible
from exportlint.report.view import View

FORMATS = ("text", "json", "github", "sarif", "gitlab", "junit", "html")
"""Each is a module of report/ with a function `render(report, view)`."""


@dataclass(frozen=True)
class Destination:
    """How the user wants the report: the format, the file (None: standard output), counts by rule."""

    format: str
    file: Path | None = None
    statistics: bool = False


def tell(report: Report, destination: Destination, stdin: tuple[str, str] | None = None) -> None:
    """Writes a report where the user wants it, and each problem as a line on stderr. Raises UserMistake."""
    for problem in report.problems:
        say(problem_line(problem))
    width = shutil.get_terminal_size().columns if _on_terminal(destination) else None
    view = viewed(stdin, width)
    renderer = importlib.import_module(f"exportlint.report.{destination.format}")
    if destination.statistics:
        from exportlint.report.text import statistics

        if destination.format == "text":
            write(statistics(report), destination)
            return
        say(statistics(report).rstrip("\n"))
    if width is None:
        write(renderer.render(report, view), destination)
        return
    from rich.console import Console

    Console(file=sys.stdout, highlight=False).print(renderer.coloured(report, view), soft_wrap=True)


def viewed(stdin: tuple[str, str] | None = None, width: int | None = None) -> View:
    """The view of the findings from where the user stands; `stdin` is the name and the text of standard input."""
    texts = dict([stdin]) if stdin else {}
    return View(root=repository_root(Path.cwd()), rules=documented, texts=texts, width=width)


def write(text: str, destination: Destination) -> None:
    """Writes text as UTF-8; what has no UTF-8 (bytes of odd file names) is spelled out. Raises UserMistake."""
    if destination.format == "text" and "GITHUB_ACTIONS" in os.environ:
        text = defused(text)
    data = text.encode("utf-8", "backslashreplace")
    if destination.file is None:
        click.echo(data, nl=False)
        return
    try:
        if destination.file.is_file() and not destination.file.is_symlink():
            cache.replace(destination.file, data)
        else:  # a new file, or a pipe or a device, which must stay what it is
            destination.file.write_bytes(data)
    except OSError as error:
        raise UserMistake(f"--output-file {destination.file}: cannot be written: {error.strerror}") from error


def problem_line(problem: Problem) -> str:
    """One line that names the file, and the line where there is one."""
    place = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
    return visible(f"exportlint: {place}: {problem.message}")


def repository_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds .git, else `start`."""
    return next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), start)


def _on_terminal(destination: Destination) -> bool:
    return destination.format == "text" and destination.file is None and sys.stdout.isatty()

"""Tells the results of `verify`, whether they were just measured or come from reports."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exportlint.cli.output import Destination, repository_root, write
from exportlint.report.view import View
from exportlint.verify.contract import Result


@dataclass(frozen=True)
class Told:
    """Results, findings with their verdicts, how many results are still to come, and the shard, "" for the whole."""

    results: Sequence[Result]
    findings: Sequence[Mapping[str, Any]]
    left: int = 0
    shard: str = ""


def tell(told: Told, destination: Destination) -> None:
    """Writes a report where the user wants it. Raises UserMistake."""
    terminal = destination.format == "text" and destination.file is None and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    view = View(repository_root(Path.cwd()), width=width, left=told.left, shard=told.shard)
    renderer = importlib.import_module(f"exportlint.report.verify_{destination.format}")
    if not terminal:
        write(renderer.render(told.results, told.findings, view), destination)
        return
    from rich.console import Console

    Console(file=sys.stdout, highlight=False).print(
        renderer.coloured(told.results, told.findings, view), soft_wrap=True
    )

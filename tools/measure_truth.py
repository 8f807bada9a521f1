"""Measure how well `exportlint check` foretells what torch does with real models.

    python tools/measure_truth.py                        # all packages; an hour on two cores
    python tools/measure_truth.py timm exportdb          # some
    python tools/measure_truth.py --targets trace --misses

Builds small models of real packages, runs, traces, exports and scripts each in a process of its own, notes which lines
ran, where a tensor became a Python value and at which line each target stops. Then it lets `check` read the sources of
the same packages and prints what it found of that, and how many of its errors nothing confirms. `make truth` installs
the packages and runs it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table
from truth import observe, score, zoo

TARGETS = ("trace", "export", "script")
SITE = Path(torch.__file__).parent.parent
DEADLINE = 300  # seconds a model


def main() -> None:
    """Parse the command line, observe, check, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", choices=[*zoo.PACKAGES, []], metavar="PACKAGE")
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=TARGETS)
    parser.add_argument("--misses", action="store_true", help="name each line that was missed and each false error")
    options = parser.parse_args()
    packages = options.packages or zoo.PACKAGES
    rows = [row for package in packages for row in _observed(package, tuple(options.targets))]
    ran = [row for row in rows if not row.error]
    findings = [finding for package in packages for finding in _findings(package, options.targets)]
    scores = [
        score.trace(ran, findings) if target == "trace" else score.refusals(target, ran, findings)
        for target in options.targets
    ]
    _print(scores, len(ran), len(rows), options.misses)


def _observed(package: str, targets: tuple[str, ...]) -> list[observe.Row]:
    rows = []
    for name in track(zoo.names(package), f"{package:15}", console=Console(stderr=True)):
        # one process a model: what a model does to torch or to memory ends with it; torch is loaded once
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
            try:
                rows.append(pool.submit(observe.observe, package, name, targets).result(DEADLINE))
            except (TimeoutError, BrokenProcessPool) as error:
                rows.append(observe.Row(package, name, error=type(error).__name__))
                for process in (pool._processes or {}).values():
                    process.kill()
    return rows


def _findings(package: str, targets: list[str]) -> list[score.Finding]:
    folder = "torch/_export/db/examples" if package == "exportdb" else package
    words = [word for target in targets for word in ("--target", target)]
    command = [sys.executable, "-m", "exportlint", "check", "--output-format", "json", *words, folder]
    done = subprocess.run(command, cwd=SITE, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"check failed on {package}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)["findings"]


def _print(scores: list[score.Score], ran: int, tried: int, misses: bool) -> None:
    table = Table(
        "target", "lines at fault", "found", "recall", "errors", "false", title=f"{ran} of {tried} models ran"
    )
    for one in scores:
        recall = f"{one.faults / one.of:.3f}" if one.of else "-"
        table.add_row(one.target, str(one.of), str(one.faults), recall, str(one.errors), str(len(one.false)))
    Console().print(table)
    for one in scores if misses else ():
        for spot in one.missed:
            print(f"missed {one.target} {spot}")
        for spot in one.false:
            print(f"false  {one.target} {spot}")


if __name__ == "__main__":
    main()

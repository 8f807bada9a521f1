"""Measure how well `exportlint check` foretells what torch does with real models.

    python tools/measure_truth.py                                # all packages; hours
    python tools/measure_truth.py timm exportdb --every 4        # some packages, each fourth model
    python tools/measure_truth.py --rows FILE --misses           # keeps what was observed; goes on where it broke off
    python tools/measure_truth.py --rows FILE --only-score       # scores what is there

Builds small models of real packages, runs, traces, exports and scripts each in a process of its own, notes which lines
ran, where a tensor became a Python value and at which line each target stops. Then it lets `check` read the sources of
the same packages and prints what it found of that, and how many of its errors nothing confirms. `make truth` installs
the packages and runs it.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from truth import kept, score, zoo
from truth.checked import findings_on
from truth.observe import TARGETS
from truth.processes import Job, observed

DEFAULT = ("trace", "export", "dynamic", "script")


def main() -> None:
    """Parse the command line, observe, check, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", choices=[*zoo.PACKAGES, []], metavar="PACKAGE")
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=DEFAULT)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="one model of N, the same ones each time")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rows", type=Path, help="a file of observations to add to, and to score")
    parser.add_argument("--only-score", action="store_true", help="observe nothing")
    parser.add_argument("--only-observe", action="store_true", help="score nothing")
    parser.add_argument("--misses", action="store_true", help="name each line that was missed and each false error")
    options = parser.parse_args()
    packages = options.packages or zoo.PACKAGES
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        rows_file = options.rows or Path(folder, "rows.jsonl")
        if not options.only_score:
            known = {(row.package, row.name) for row in kept.read(rows_file)}
            jobs = [job for job in _jobs(packages, options.every) if job not in known]
            rows = observed(jobs, tuple(options.targets), options.workers)
            for row in track(rows, "models", len(jobs), console=Console(stderr=True)):
                kept.add(rows_file, row)
        rows = [row for row in kept.read(rows_file) if row.package in packages]
    if options.only_observe:
        return
    ran = [row for row in rows if not row.error]
    findings = findings_on(ran, options.targets)
    scores = [score.scored(target, ran, findings) for target in options.targets]
    _print(scores, len(ran), len(rows), options.misses)


def _jobs(packages: list[str], every: int) -> list[Job]:
    """Models of all packages mixed, so that a run that is broken off has seen some of each."""
    jobs = [(package, name) for package in packages for name in zoo.names(package)]
    random.Random(0).shuffle(jobs)
    return jobs[::every]


def _print(scores: list[score.Score], ran: int, tried: int, misses: bool) -> None:
    columns = "target,models,lines at fault,found,recall,errors,false,precision,accepted,with an error".split(",")
    table = Table(*columns, title=f"{ran} of {tried} models ran")
    for one in scores:
        false = len(one.false)
        numbers = one.accepted + one.refused, one.of, one.found, _ratio(one.found, one.of), one.errors, false
        accepted = one.accepted, _ratio(one.spoilt, one.accepted)
        table.add_row(one.target, *map(str, (*numbers, _ratio(one.errors - false, one.errors), *accepted)))
    Console(width=120).print(table)
    for one in scores if misses else ():
        for spot in one.missed:
            print(f"missed {one.target} {spot}")
        for spot in one.false:
            print(f"false  {one.target} {spot}")


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


if __name__ == "__main__":
    main()

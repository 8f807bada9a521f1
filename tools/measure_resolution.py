"""Measure how many of a package's tensor operations the operator table knows.

    python tools/measure_resolution.py PACKAGE_FOLDER...     # sources on disk; timm takes seconds, transformers minutes

An operation is a call site of a torch operator that the interpreter meets on its way through the models' forward paths.
It is resolved when rows of the table speak for it. Prints the share for each package, then the rest by frequency.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from exportlint.config import Settings
from exportlint.finding import TARGETS
from exportlint.flow.events import OperatorCall
from exportlint.operators.names import namesakes
from exportlint.operators.table import Table, load
from exportlint.source.files import model_files
from exportlint.units.run import Means, Run
from exportlint.units.work import Common


def operations(package: Path) -> Counter:
    """How many places call each operator."""
    files, _ = model_files([package], Settings(package.parent))
    common = Common((package.parent,), package.parent, TARGETS)
    with Run(common, Means()) as run:
        whole = run.look([file.absolute() for file in files], [])
    places = {(event.name, event.span) for event in whole.collector.events() if isinstance(event, OperatorCall)}
    return Counter(name for name, _ in places)


def known(name: str, table: Table) -> bool:
    """Whether some row speaks for the operator."""
    return any(spelling in table for spelling in namesakes(name, table.aliases))


def main() -> None:
    """Parse the command line, print shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, nargs="+")
    parser.add_argument("--torch", default="2.13", help="the release whose table is asked")
    options = parser.parse_args()
    table = load(options.torch)
    left: Counter = Counter()
    for package in options.package:
        found = operations(package)
        rest = Counter({name: count for name, count in found.items() if not known(name, table)})
        left += rest
        share = 1 - rest.total() / max(found.total(), 1)
        print(f"{package.name}: {found.total()} operations, {len(found)} operators, {share:.4f} resolved", flush=True)
    for name, count in left.most_common():
        print(f"{count:6} {name}")


if __name__ == "__main__":
    main()

"""Draws findings of `check` at random, with the source around them, for a person to judge.

    exportlint check --output-format json timm > timm.json
    exportlint check --output-format json monai > monai.json
    python tools/sample_findings.py --seed 1 --sources site-packages timm.json monai.json

Notes are left out, as `check` leaves them out without --pedantic; every other finding is drawn with the same chance,
once. The same reports and seed give the same draw, in the order of the files.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

Finding = dict  # as in the JSON of `check`


def main() -> None:
    """Parse the command line, draw and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="+", type=Path, metavar="REPORT", help="what `check` wrote as JSON")
    parser.add_argument("--sources", type=Path, default=Path(), metavar="DIR", help="where `check` was run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--target", action="append", default=[], help="only findings for this target; may be repeated")
    parser.add_argument("--context", type=int, default=6, help="lines before and after the place")
    options = parser.parse_args()
    findings = [f for report in options.reports for f in json.loads(report.read_text())["findings"]]
    for number, finding in enumerate(draw(findings, options.seed, options.count, options.target), 1):
        print(f"{number}. {finding['path']}:{finding['line']} {finding['severity']} {finding['rule']}", end=" ")
        print(f"{','.join(finding['targets'])} {finding['symbol']}\n   {finding['message']}")
        for other in finding["related"]:
            print(f"   also {other['path']}:{other['line']} {other['message']}")
        print(excerpt(options.sources / finding["path"], finding["line"], options.context))


def draw(findings: list[Finding], seed: int, count: int, targets: list[str]) -> list[Finding]:
    """`count` findings that are no notes (all, where there are fewer), of these targets where any are given."""
    loud = [f for f in findings if f["severity"] != "info" and (not targets or {*targets} & {*f["targets"]})]
    loud.sort(key=_place)
    return sorted(random.Random(seed).sample(loud, min(count, len(loud))), key=_place)


def excerpt(file: Path, line: int, context: int) -> str:
    """The lines around `line`, which is marked."""
    lines = file.read_text(encoding="utf-8").splitlines()
    first = max(1, line - context)
    shown = enumerate(lines[first - 1 : line + context], first)
    return "\n".join(f"{'>' if number == line else ' '} {number:5} {text}" for number, text in shown)


def _place(finding: Finding) -> tuple[str, int, int, str]:
    return finding["path"], finding["line"], finding["column"], finding["rule"]


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Plants a fault in the graph of each model in planted/, and lets `verify` find it.

    python benchmarks/bench_planted.py [--only NAME]... [--seed N]

Each model is exported well first; then one fault is planted in the file: a changed constant, swapped inputs, a wrong
axis, a dropped guard, an off-by-one slice. Counted: exposed; located at the very line; located in the right module (the
class that the line stands in). Prints a line for each model and one JSON object at the end; exit status 1 when a fault
stays hidden, or fewer than nine in ten are located.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.plant import FAULTS, Site, plant  # noqa: E402  the folder above must be on the path first
from exportlint.verify import targets  # noqa: E402
from exportlint.verify.contract import Job, Result  # noqa: E402
from exportlint.verify.targets import Exported, Request, runtime  # noqa: E402
from exportlint.verify.worker import Attempt  # noqa: E402

export_to = targets.export_to


@dataclass(frozen=True)
class Planted:
    """One model, the fault planted in its graph, and what `verify` said before and after."""

    model: str
    kind: str
    good: Result
    bad: Result
    site: Site

    @property
    def exposed(self) -> bool:
        return self.bad.status in ("mismatch", "export-failed")

    @property
    def at_line(self) -> bool:
        return self.bad.line is not None and self.bad.line in self.site.lines[-1:]

    @property
    def in_module(self) -> bool:
        return self.at_line or (
            self.bad.line is not None
            and _class_at(self.kind, self.bad.line) == _class_at(self.kind, self.site.lines[-1])
            and self.bad.line not in _definitions(self.kind)
        )


def models() -> Iterator[tuple[str, str]]:
    """(kind of fault, name of the class), in the order of the files."""
    for kind in FAULTS:
        tree = ast.parse(_file(kind).read_text())
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and any(
                isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "fault" for part in node.body
            ):
                yield kind, node.name


def planted(kind: str, name: str, seed: int = 0) -> Planted:
    """Verifies one model, and again with its fault."""
    model = getattr(importlib.import_module(f"benchmarks.planted.{kind}"), name)
    sites: list[Site] = []

    def faulty(target: str, request: Request) -> Exported:
        exported = export_to(target, request)
        file = exported.files[0]
        sites.append(plant(file, kind, model.fault, getattr(model, "keeps", 0)))
        again = runtime.exported(file, runtime.load(file), exported.inputs, request)
        return replace(again, how=exported.how)

    job = Job(
        f"benchmarks/planted/{kind}.py::{name}",
        str(ROOT),
        "onnx",
        dynamic=getattr(model, "dynamic", {}),
        seed=seed,
        seconds=60.0,
    )
    good = _attempted(job)
    with mock.patch.object(targets, "export_to", faulty):
        bad = _attempted(job)
    return Planted(name, kind, good, bad, sites[0])


def _attempted(job: Job) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        return Attempt(job, Path(folder)).result()


def _file(kind: str) -> Path:
    return ROOT / "benchmarks" / "planted" / f"{kind}.py"


def _class_at(kind: str, line: int) -> str | None:
    for node in ast.parse(_file(kind).read_text()).body:
        if isinstance(node, ast.ClassDef) and node.lineno <= line <= (node.end_lineno or line):
            return node.name
    return None


def _definitions(kind: str) -> set[int]:
    """Lines on which a function begins: what is blamed when nothing better is known."""
    return {node.lineno for node in ast.walk(ast.parse(_file(kind).read_text())) if isinstance(node, ast.FunctionDef)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    done = []
    for kind, name in models():
        if not options.only or name in options.only:
            done.append(planted(kind, name, options.seed))
            one = done[-1]
            said = "line" if one.at_line else f"{'module' if one.in_module else 'NOT'}, planted at {one.site.lines[-1]}"
            print(f"{kind:17} {name:12} {one.good.status:8} {one.bad.status:14} {one.bad.line} {said}", flush=True)
            if not one.exposed or not one.in_module or one.good.status != "ok":
                print(f"    {one.good.reason} | {one.bad.reason}"[:400], flush=True)
    figures = {
        "models": len(done),
        "exported_well": sum(one.good.status == "ok" for one in done),
        "exposed": sum(one.exposed for one in done),
        "at_the_line": sum(one.at_line for one in done),
        "in_the_module": sum(one.in_module for one in done),
    }
    print(json.dumps(figures))
    enough = (
        figures["exposed"] == figures["exported_well"] == len(done) and figures["in_the_module"] * 10 >= len(done) * 9
    )
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())

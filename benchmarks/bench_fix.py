#!/usr/bin/env python3
"""`exportlint check --fix` over the sources of real packages: what it leaves, what it costs, and whether models compute
the same afterwards.

    python benchmarks/bench_fix.py --sources FOLDER [--folder FOLDER] [--models] timm transformers monai ...

Every package is copied twice from the folder of sources (unpacked wheels): one copy gets the safe fixes, the other the
unsafe ones too, for all targets. Afterwards each file must parse and compile, have the comments that it had, and stay
as it is in a second run; `check s` and `fix s` are processor seconds of a check that finds nothing kept from earlier
runs, and of the same with --fix. With --models, models of tools/truth/zoo.py are built and run from the sources as
they were and from the copy with safe fixes, with the same seed: 50 of the classes that were changed, drawn with a
fixed seed, or all that could be built, must have run in a model whose outputs are the same bytes. Ends with status 1
where anything of that is not so.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGETS = ("trace", "script", "export", "onnx", "onnx-ts")
MODES: dict[str, tuple[str, ...]] = {"safe": ("--fix",), "unsafe": ("--fix", "--unsafe-fixes")}
SAMPLE, SEED = 50, 20
_MADE = re.compile(r"fixed ([\d,]+) findings? in ([\d,]+) file")


@dataclass
class Outcome:
    """What became of one package. `wrong` names files with what is wrong about them."""

    package: str
    mode: str
    check: float
    fix: float
    fixes: int
    files: int
    wrong: list[str] = field(default_factory=list)


def fix(sources: Path, folder: Path, package: str, mode: str) -> Outcome:
    """Fix a copy of one package, and look at every file of it."""
    place = folder / mode
    shutil.rmtree(place / package, ignore_errors=True)
    shutil.copytree(sources / package, place / package)
    check, _ = _run(place, package, ())
    fixing, said = _run(place, package, MODES[mode])
    made = _MADE.search(said)
    fixes, files = (int(number.replace(",", "")) for number in made.groups()) if made else (0, 0)
    outcome = Outcome(package, mode, check, fixing, fixes, files)
    outcome.wrong += [f"{name}: {what}" for name, what in _spoilt(sources / package, place / package)]
    texts = {file: file.read_bytes() for file in (place / package).rglob("*.py")}
    _run(place, package, MODES[mode])
    outcome.wrong += [f"{file}: changed again" for file, text in texts.items() if file.read_bytes() != text]
    return outcome


def _run(place: Path, package: str, options: tuple[str, ...]) -> tuple[float, str]:
    """Processor seconds of a check that has no kept outcomes, and what it says on stderr. Raises RuntimeError."""
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, "-m", "exportlint", "check", "--exit-zero", *options, package]
        command += [word for target in TARGETS for word in ("--target", target)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "EXPORTLINT_CACHE_DIR": cache}
        before = os.times()
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
        after = os.times()
    if done.returncode not in (0, 2) or "Traceback" in done.stderr:  # 2: a file of the package does not parse
        raise RuntimeError(f"{' '.join(command)}: {done.stderr[-2000:]}")
    seconds = after.children_user - before.children_user + after.children_system - before.children_system
    return seconds, done.stderr


def _spoilt(before: Path, after: Path) -> Iterator[tuple[str, str]]:
    """Files that no longer parse or compile, or whose comments are not those that they had."""
    for old in sorted(before.rglob("*.py")):
        name = old.relative_to(before).as_posix()
        new = after / name
        if old.read_bytes() == new.read_bytes():
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(ast.parse(new.read_bytes()), name, "exec")
        except (SyntaxError, ValueError) as error:
            yield name, f"does not compile: {error}"
            continue
        if _comments(old) != _comments(new):
            yield name, "other comments"


def _comments(file: Path) -> Counter[str]:
    with file.open("rb") as opened:
        return Counter(t.string for t in tokenize.tokenize(opened.readline) if t.type == tokenize.COMMENT)


def changed(before: Path, after: Path) -> set[str]:
    """The classes whose source was changed: "timm.layers.mlp.Mlp"."""
    found = set()
    for old in sorted(before.rglob("*.py")):
        new = after / old.relative_to(before)
        if old.read_bytes() != new.read_bytes():
            parts = old.relative_to(before.parent).with_suffix("").parts
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            was, now = _classes(old), _classes(new)
            found |= {f"{module}.{name}" for name in was.keys() & now.keys() if was[name] != now[name]}
    return found


def _classes(file: Path) -> dict[str, str]:
    tree = ast.parse(file.read_bytes())
    return {node.name: ast.unparse(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def run_models(sources: Path, package: str, names: list[str]) -> dict[str, dict]:
    """What each model of a package gives when the package is imported from these sources: see fixed_models.py."""
    command = [sys.executable, str(ROOT / "benchmarks" / "fixed_models.py"), str(sources), package, *names]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT / "tools")}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return {row["model"]: row for row in map(json.loads, done.stdout.splitlines())}


def compare(sources: Path, fixed: Path, packages: list[str]) -> list[str]:
    """Run models from both sources, print what came of it, and say what differs."""
    classes: dict[str, set[str]] = {}
    rows: dict[str, tuple[dict, dict]] = {}
    for package in packages:
        mine = changed(sources / package, fixed / package)
        before = run_models(sources, package, [])
        names = [name for name, row in before.items() if not row["error"] and mine.intersection(row["classes"])]
        after = run_models(fixed, package, names) if names else {}
        for name in names:
            rows[f"{package}::{name}"] = before[name], after[name]
            for one in mine.intersection(before[name]["classes"]):
                classes.setdefault(one, set()).add(f"{package}::{name}")
        print(f"{package}: {len(mine)} classes changed; {len(names)} of {len(before)} models have one", flush=True)
    drawn = random.Random(SEED).sample(sorted(classes), min(SAMPLE, len(classes)))
    wrong = []
    for one in drawn:
        for model in sorted(classes[one]):
            old, new = rows[model]
            if new["error"] or old["outputs"] != new["outputs"]:
                wrong.append(f"{one} in {model}: {new['error'] or 'other outputs'}")
    models = set().union(*(classes[one] for one in drawn)) if drawn else set()
    print(
        f"{len(drawn)} of {len(classes)} changed classes that were built, in {len(models)} models: {len(wrong)} differ"
    )
    return wrong


def main() -> None:
    """Fixes, compares and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=Path.home() / ".cache" / "exportlint-bench" / "fix")
    parser.add_argument("--mode", choices=(*MODES, "none"), help="only one of the copies, or those of an earlier run")
    parser.add_argument("--models", nargs="*", metavar="PACKAGE", help="run models of these packages")
    options = parser.parse_args()
    sources, folder = options.sources.resolve(), options.folder.resolve()
    wrong: list[str] = []
    print("| package | fixes | findings | files | check s | fix s |\n|---|---|---|---|---|---|", flush=True)
    for mode in () if options.mode == "none" else [options.mode] if options.mode else MODES:
        for package in options.packages:
            one = fix(sources, folder, package, mode)
            print(f"| {package} | {mode} | {one.fixes} | {one.files} | {one.check:.1f} | {one.fix:.1f} |", flush=True)
            wrong += one.wrong
    wrong += compare(sources, folder / "safe", options.models) if options.models else []
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

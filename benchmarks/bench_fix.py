#!/usr/bin/env python3
"""`exportlint check --fix` over the sources of real packages: what it leaves, what it costs, and whether models compute
the same afterwards.

    python benchmarks/bench_fix.py --sources FOLDER [--folder FOLDER] [--models] [--write FILE] timm transformers ...

Each package is copied from the folder of sources (unpacked wheels) and checked for all targets; then it gets the safe
fixes, and then the unsafe ones too. After each of the two, every file must parse and compile, have the comments that it
had, and stay as it is in a second run. `check s` are processor seconds of a check that finds nothing kept from earlier
runs; `safe s` and `unsafe s` what the fixes take after it, which find there what was kept.

With --models, classes that the safe fixes changed are drawn with a fixed seed until 50 have been built and have run
one of their changed methods, in eval mode on two inputs and in training mode with gradients; see fixed_classes.py. What
they compute from the sources as they were and from those with safe fixes must be the same bytes.

FILE is the page that tells the figures. Ends with status 1 where anything of that is not so. What is done is kept in
--folder, and not done again until the code of exportlint, or of the package, is another.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import fixed_classes
import fixes_page

ROOT = Path(__file__).resolve().parents[1]
TARGETS = ("trace", "script", "export", "onnx", "onnx-ts")
MODES: dict[str, tuple[str, ...]] = {"safe": ("--fix",), "unsafe": ("--fix", "--unsafe-fixes")}
_MADE = re.compile(r"fixed ([\d,]+) findings? in ([\d,]+) file")


@dataclass
class Fixed:
    """What became of one package in one mode: fixes and changed files in all. `wrong`: files with what is wrong."""

    fixes: int
    files: int
    seconds: float
    wrong: list[str] = field(default_factory=list)


@dataclass
class Outcome:
    """What became of one package; `key` says of which code and which sources."""

    package: str
    key: str
    files: int
    check: float
    modes: dict[str, Fixed]


class Bench:
    """The copies of packages in a folder: `before`, `safe`, `unsafe`, and `work`, where they are made."""

    def __init__(self, sources: Path, folder: Path) -> None:
        self.sources = sources
        self.folder = folder
        self._rows = folder / "outcomes.json"

    def outcome(self, package: str) -> Outcome:
        """What becomes of one package, of an earlier run where that had the same code."""
        key = _key(ROOT / "exportlint", self.sources / package)
        kept = json.loads(self._rows.read_text()) if self._rows.exists() else {}
        if kept.get(package, {}).get("key") != key:
            kept[package] = asdict(self._made(package, key))
            self._rows.write_text(json.dumps(kept, indent=1))
        row = kept[package]
        return Outcome(**{**row, "modes": {mode: Fixed(**one) for mode, one in row["modes"].items()}})

    def _made(self, package: str, key: str) -> Outcome:
        place = self.folder / "work" / package
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.sources / package, place / package, ignore=shutil.ignore_patterns("__pycache__"))
        cache = self.folder / "kept" / package
        shutil.rmtree(cache, ignore_errors=True)
        self._keep("before", package)
        before = self.folder / "before" / package / package
        seconds, _ = _run(place, cache, package, ())
        made = Outcome(package, key, sum(1 for _ in before.rglob("*.py")), seconds, {})
        for mode, options in MODES.items():
            seconds, said = _run(place, cache, package, options)
            found = _MADE.search(said)
            fixes = int(found[1].replace(",", "")) if found else 0
            changed = sum(1 for _ in changed_files(before, place / package))
            wrong = [f"{mode}: {name}: {what}" for name, what in _spoilt(before, place / package)]
            self._keep(mode, package)
            _run(place, cache, package, options)
            again = changed_files(self.folder / mode / package / package, place / package)
            wrong += [f"{mode}: {old}: changed again" for old, _ in again]
            made.modes[mode] = Fixed(fixes, changed, seconds, wrong)
        shutil.rmtree(cache)
        return made

    def _keep(self, name: str, package: str) -> None:
        """Copy a package as it is now, beside what its installation says of it: some look at their own version."""
        there = self.folder / name / package
        shutil.rmtree(there, ignore_errors=True)
        shutil.copytree(self.folder / "work" / package, there)
        for told in self.sources.glob(f"{package}-*.dist-info"):
            shutil.copytree(told, there / told.name)


def _key(*folders: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(file for folder in folders for file in folder.rglob("*.py")):
        digest.update(f"{file.name} ".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _run(place: Path, cache: Path, package: str, options: tuple[str, ...]) -> tuple[float, str]:
    """Processor seconds of a check, and what it says on stderr. Raises RuntimeError."""
    command = [sys.executable, "-m", "exportlint", "check", "--exit-zero", *options, package]
    command += [word for target in TARGETS for word in ("--target", target)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "EXPORTLINT_CACHE_DIR": str(cache)}
    before = os.times()
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    after = os.times()
    if done.returncode not in (0, 2) or "Traceback" in done.stderr:  # 2: a file of the package does not parse
        raise RuntimeError(f"{' '.join(command)}: {done.stderr[-2000:]}")
    return after.children_user - before.children_user + after.children_system - before.children_system, done.stderr


def changed_files(before: Path, after: Path) -> Iterator[tuple[Path, Path]]:
    """The files of which a copy differs, before and after."""
    for old in sorted(before.rglob("*.py")):
        new = after / old.relative_to(before)
        if old.read_bytes() != new.read_bytes():
            yield old, new


def _spoilt(before: Path, after: Path) -> Iterator[tuple[str, str]]:
    """Files that no longer parse or compile, or whose comments are not those that they had."""
    for old, new in changed_files(before, after):
        name = old.relative_to(before).as_posix()
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


def main() -> None:
    """Fixes, compares and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=Path.home() / ".cache" / "exportlint-bench" / "fix")
    parser.add_argument("--models", nargs="*", metavar="PACKAGE", help="run models of these packages, or of all")
    parser.add_argument("--write", type=Path, help="the page whose figures are replaced")
    options = parser.parse_args()
    bench = Bench(options.sources.resolve(), options.folder.resolve())
    bench.folder.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    print("| package | files | check s | safe | files | safe s | unsafe | files | unsafe s |", flush=True)
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    outcomes: list[Outcome] = []
    for package in options.packages:
        made = bench.outcome(package)
        outcomes.append(made)
        cells = [f"{one.fixes} | {one.files} | {one.seconds:.1f}" for one in made.modes.values()]
        print(f"| {package} | {made.files} | {made.check:.1f} | {' | '.join(cells)} |", flush=True)
        wrong += [f"{package}: {line}" for one in made.modes.values() for line in one.wrong]
    sample = None
    if options.models is not None:
        sample = fixed_classes.compare(bench.folder, options.models or options.packages)
        wrong += sample.wrong
    if options.write:
        options.write.write_text(fixes_page.page(options.write.read_text("utf-8"), outcomes, sample), "utf-8")
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

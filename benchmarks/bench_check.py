#!/usr/bin/env python3
"""`exportlint check` beside other linters and beside the time that parsing alone takes, in one run.

    python benchmarks/bench_check.py [--runs 5] [--folder FOLDER] [--write docs/speed.md] [--package timm==1.0.31 ...]

Downloads the packages' wheels (no code of theirs runs) and makes environments without torch for exportlint and for the
other linters; all of it stays in the folder for the next time. The programs take turns, so that whatever else the
machine does meets them all; figures are medians. What takes minutes runs fewer times, and TorchFix, flake8 and pylint
on the first package only. Prints a page in Markdown, or writes it, with its picture beside it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tomllib
from measuring import Done, Figures, median, run
from speed_page import Change, Grown, Hostile, Measured, page, picture

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
PACKAGES = ("timm==1.0.31", "transformers==5.23.0")
BASES = {"timm": "layers/norm_act.py", "transformers": "modeling_layers.py"}  # a class that many others extend
TORCHFIX = ("torchfix==0.7.0",)  # alone: it is a plugin of flake8 too, and would be timed with it
LINTERS = ("flake8==7.5.0", "pylint==4.1.4", "ruff==0.17.6", "libcst")
PARSED = (
    "import gc, sys, pathlib; {imported}; gc.disable(); "
    "[{parse}(file.read_text('utf-8')) for file in sorted(pathlib.Path(sys.argv[1]).rglob('*.py'))]"
)
SAMPLE = 20  # files that pylint gets
LARGE = 1_000  # files; on a package with more, what is cold runs three times, and parsing alone once


@dataclass(frozen=True)
class Program:
    """What is measured. `cold`: without a cache; `changes`: a file that is edited before; `most` runs are enough."""

    name: str
    command: tuple[str, ...]
    cold: bool = False
    changes: Path | None = None
    most: int = 1_000


class Bench:
    """The sources of one package, what is run on them, and where."""

    def __init__(self, folder: Path, sources: Path) -> None:
        self.sources, self.tools = sources, folder / "linters" / "bin"
        self.torchfix = folder / "torchfix" / "bin" / "torchfix"
        self.cache = folder / "cache"
        # Installed programs have their bytecode; some machines forbid to write it, and each start would compile anew.
        own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        bytecode = {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
        self.environment = {**own, **bytecode, "PYTHONPATH": str(ROOT), "EXPORTLINT_CACHE_DIR": str(self.cache)}
        self.exportlint = (str(folder / "exportlint" / "bin" / "python"), "-m", "exportlint")
        self.check = (*self.exportlint, "check")
        self.files = sorted(sources.rglob("*.py"), key=lambda file: (-file.stat().st_size, file))

    def programs(self, slow: bool) -> list[Program]:
        """What is measured on these sources."""
        where, python, largest = str(self.sources), str(self.tools / "python"), str(self.files[0])
        large, middle = len(self.files) > LARGE, self.files[len(self.files) // 2]
        parse = {
            name: (python, "-c", PARSED.format(imported=f"import {name.partition('.')[0]}", parse=name), where)
            for name in ("ast.parse", "libcst.parse_module")
        }
        programs = [
            Program("exportlint check, cold", (*self.check, where), cold=True, most=3 if large else 1_000),
            Program("exportlint check, warm", (*self.check, where)),
            Program("exportlint check, warm, JSON", (*self.check, "--output-format", "json", where)),
            Program("exportlint check, one file as a hook", (*self.check, str(middle))),
            Program("exportlint check, that file changed", (*self.check, str(middle)), changes=middle),
            Program("exportlint check, the largest file changed", (*self.check, largest), changes=self.files[0]),
            Program("exportlint --version", (*self.exportlint, "--version")),
            Program("ruff --no-cache", (str(self.tools / "ruff"), "check", "--no-cache", "--isolated", "-q", where)),
            *(Program(f"{name} alone", command, most=1 if large else 1_000) for name, command in parse.items()),
        ]
        if slow:
            sample = [str(file) for file in self.files[:: max(len(self.files) // SAMPLE, 1)][:SAMPLE]]
            programs.append(Program("flake8", (str(self.tools / "flake8"), "--isolated", where), most=3))
            programs.append(Program("TorchFix --select=ALL", (str(self.torchfix), "--select=ALL", where), most=1))
            programs.append(Program(f"pylint, {SAMPLE} files", (str(self.tools / "pylint"), *sample), most=1))
        return programs

    def measure(self, program: Program) -> Figures:
        """Run a program once; where it is not cold, after a run that is not counted. Raises RuntimeError."""
        if program.cold:
            shutil.rmtree(self.cache, ignore_errors=True)
        elif program.changes or "exportlint" in program.command:
            self.run(program.command)
        if program.changes is None:
            return self.run(program.command).figures
        with _Edited(program.changes):
            return self.run(program.command).figures

    def run(self, command: Sequence[str], cores: Sequence[int] = ()) -> Done:
        """Run a program where the sources are; findings are no break. Raises RuntimeError."""
        done = run(command, self.environment, self.sources.parent, cores)
        if done.status not in (0, 1) and "exportlint" in command:
            raise RuntimeError(f"{' '.join(command)}: {done.errors[-500:]}")
        return done

    def base_change(self, base: str) -> Change:
        """Edit a file that others build on: how much is done again, and whether it says what a cold run says."""
        command = (*self.check, "--output-format", "json", "--verbose", str(self.sources))
        self.run(command)
        with _Edited(self.sources / base):
            warm = self.run(command)
            cold = self.run((*command, "--no-cache"))
        return Change(f"{self.sources.name}/{base}", warm.figures.wall, warm.errors.strip(), warm.output == cold.output)

    def loaded(self) -> list[tuple[str, float]]:
        """The modules that a check of one unchanged file loads, with the milliseconds that each one takes by itself."""
        check = (*self.check, str(self.files[-1]))
        self.run(check)
        said = self.run((check[0], "-X", "importtime", *check[1:])).errors
        rows = [line.removeprefix("import time:").split("|") for line in said.splitlines() if "|" in line]
        return [(row[2].strip(), int(row[0]) / 1000) for row in rows if row[0].strip().isdigit()]


class _Edited:
    """A file with one more comment at its end, for a while."""

    def __init__(self, file: Path) -> None:
        self.file, self.text = file, file.read_bytes()

    def __enter__(self) -> None:
        self.file.write_bytes(self.text + f"\n# {time.time_ns()}\n".encode())

    def __exit__(self, *_: object) -> None:
        self.file.write_bytes(self.text)


def measure(bench: Bench, runs: int, slow: bool) -> Measured:
    """All programs on one package, taking turns."""
    programs = bench.programs(slow)
    taken: dict[str, list[Figures]] = {program.name: [] for program in programs}
    for number in range(runs):
        for program in programs:
            if number < program.most:
                taken[program.name].append(bench.measure(program))
    lines = sum(file.read_bytes().count(b"\n") for file in bench.files)
    figures = {name: (median(each), len(each)) for name, each in taken.items()}
    change = bench.base_change(BASES[bench.sources.name]) if bench.sources.name in BASES else None
    return Measured(bench.sources.name, len(bench.files), lines, figures, change)


def growth(bench: Bench, measured: Measured, times: Sequence[int]) -> list[Grown]:
    """Cold checks of a package beside copies of itself."""
    grown = []
    for number in times:
        tree = bench.sources.parent / f"{number}-times"
        try:
            for copy in range(number):
                shutil.copytree(bench.sources, tree / f"{bench.sources.name}{copy}")
            taken = bench.run((*bench.check, "--no-cache", str(tree))).figures
        finally:
            shutil.rmtree(tree, ignore_errors=True)
        grown.append(Grown(f"{bench.sources.name}, {number} times", measured.lines * number, taken))
    return grown


def cores(bench: Bench, runs: int) -> dict[int, Figures]:
    """Cold checks by the number of cores, as far as this machine has them."""
    own = sorted(os.sched_getaffinity(0))
    counts = [count for count in (1, 2, 4, 8) if count <= len(own)]
    taken: dict[int, list[Figures]] = {count: [] for count in counts}
    for _ in range(min(runs, 3)):
        for count in counts:
            command = (*bench.check, "--no-cache", str(bench.sources))
            taken[count].append(bench.run(command, own[:count]).figures)
    return {count: median(each) for count, each in taken.items()}


def hostile(bench: Bench, folder: Path) -> list[Hostile]:
    """Sources that nobody writes by hand, each checked beside one that is harmless."""
    from tests.units.hostile import HARMLESS, SOURCES

    tree = folder / "hostile"
    tree.mkdir(exist_ok=True)
    (tree / "harmless.py").write_text(HARMLESS)
    found = []
    for source in SOURCES:
        (tree / "hostile.py").write_text(source())
        done = run((*bench.check, "--no-cache", "--output-format", "json", str(tree)), bench.environment, tree)
        said = "; ".join(
            line.partition("hostile.py: ")[2] for line in done.errors.splitlines() if "hostile.py: " in line
        )
        neighbour = "harmless.py" in done.output
        found.append(Hostile(source.__name__, done.figures.wall, said, neighbour))
    shutil.rmtree(tree)
    return found


def _sources(folder: Path, package: str) -> Path:
    """The unpacked wheel of a package, from the configured index."""
    name = package.partition("==")[0]
    unpacked = folder / package
    if not unpacked.is_dir():
        pip = [sys.executable, "-m", "pip", "-q", "download", "--no-deps", "--only-binary=:all:", "--dest", str(folder)]
        subprocess.run([*pip, package], check=True)
        with zipfile.ZipFile(next(folder.glob(f"{name}-*.whl"))) as wheel:
            wheel.extractall(unpacked)
    return unpacked / name


def _install(environment: Path, packages: Sequence[str]) -> None:
    """Make an environment with some packages, unless it is there."""
    if not environment.is_dir():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        subprocess.run([str(environment / "bin" / "python"), "-m", "pip", "-q", "install", *packages], check=True)


def main() -> None:
    """Measures and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path.home() / ".cache" / "exportlint-bench")
    parser.add_argument("--write", type=Path, help="where the page goes, and its picture beside it")
    parser.add_argument("--package", action="append")
    parser.add_argument("--quick", action="store_true", help="without what takes minutes: TorchFix, pylint, copies")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    _install(folder / "exportlint", tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"])
    _install(folder / "linters", LINTERS)
    if not options.quick:
        _install(folder / "torchfix", TORCHFIX)
    benches = [Bench(folder, _sources(folder, package)) for package in options.package or PACKAGES]
    first = benches[0]
    packages = [measure(bench, options.runs, bench is first and not options.quick) for bench in benches]
    grown = [] if options.quick else [one for b, m in zip(benches, packages, strict=True) for one in growth(b, m, (2,))]
    by_cores = cores(first, options.runs)
    text = page(packages, grown, by_cores, first.loaded(), hostile(first, folder))
    if options.write is None:
        print(text)
        return
    options.write.write_text(text, encoding="utf-8")
    options.write.with_suffix(".svg").write_text(picture(packages, grown, by_cores), encoding="utf-8")


if __name__ == "__main__":
    main()

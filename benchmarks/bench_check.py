#!/usr/bin/env python3
"""`exportlint check` beside other linters and beside the time that parsing alone takes, in one run.

    python benchmarks/bench_check.py [--runs 5] [--folder FOLDER] [--slow] [--package timm==1.0.31 ...]

Downloads the packages' wheels (no code of theirs runs) and makes an environment with the other linters, without torch;
both stay in the folder for the next time. The programs take turns, so that whatever else the machine does meets them
all; figures are medians. `cpu` is the time of all processes of a program, `MB` their greatest memory together,
`ratio` the cpu time beside a cold check. With --slow TorchFix and pylint run too, once, since they take minutes.
Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("timm==1.0.31", "transformers==5.23.0")
TORCHFIX = ("torchfix==0.7.0",)  # alone: it is a plugin of flake8 too, and would be timed with it
LINTERS = ("flake8==7.5.0", "pylint==4.1.4", "ruff==0.17.6", "libcst")
PARSED = (
    "import gc, sys, pathlib; {imported}; gc.disable(); "
    "[{parse}(file.read_text('utf-8')) for file in sorted(pathlib.Path(sys.argv[1]).rglob('*.py'))]"
)
SAMPLE = 20  # files that pylint gets
EVERY = 0.05  # seconds between two looks at the memory


@dataclass(frozen=True)
class Figures:
    """Seconds of wall time, seconds of processor time in all processes, and megabytes in all of them together."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Program:
    """What is measured. `before` is done first, and not counted."""

    name: str
    command: tuple[str, ...]
    cold: bool = False
    changes: Path | None = None
    once: bool = False


class Bench:
    """The sources of one package, what is run on them, and where."""

    def __init__(self, folder: Path, sources: Path) -> None:
        self.sources, self.tools = sources, folder / "linters" / "bin"
        self.torchfix = folder / "torchfix" / "bin" / "torchfix"
        self.cache = folder / "cache" / sources.name
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), "EXPORTLINT_CACHE_DIR": str(self.cache)}

    def programs(self, slow: bool) -> list[Program]:
        """What is measured on these sources."""
        files = sorted(self.sources.rglob("*.py"), key=lambda file: (-file.stat().st_size, file))
        check = (sys.executable, "-m", "exportlint", "check")
        where, python = str(self.sources), str(self.tools / "python")
        parse = {
            name: (python, "-c", PARSED.format(imported=f"import {name.partition('.')[0]}", parse=name), where)
            for name in ("ast.parse", "libcst.parse_module")
        }
        programs = [
            Program("exportlint check, cold", (*check, where), cold=True),
            Program("exportlint check, warm", (*check, where)),
            Program("exportlint check, warm, JSON", (*check, "--output-format", "json", where)),
            Program("exportlint check, one file as a hook", (*check, str(files[0]))),
            Program("exportlint check, that file changed", (*check, str(files[0])), changes=files[0]),
            Program("exportlint --version", (sys.executable, "-m", "exportlint", "--version")),
            Program("ruff --no-cache", (str(self.tools / "ruff"), "check", "--no-cache", "--isolated", "-q", where)),
            Program("flake8", (str(self.tools / "flake8"), "--isolated", where)),
            *(Program(f"{name} alone", command) for name, command in parse.items()),
        ]
        if slow:
            sample = [str(file) for file in files[:: max(len(files) // SAMPLE, 1)][:SAMPLE]]
            torchfix = (str(self.torchfix), "--select=ALL", where)
            programs.append(Program("TorchFix --select=ALL", torchfix, once=True))
            programs.append(Program(f"pylint, {SAMPLE} files", (str(self.tools / "pylint"), *sample), once=True))
        return programs

    def measure(self, program: Program) -> Figures:
        """Run a program once. Raises RuntimeError when it breaks; findings are no break."""
        if program.cold:
            for file in self.cache.glob("*"):
                file.unlink() if file.is_file() else None
        else:
            self._run(program.command)
        if program.changes is None:
            return self._run(program.command)
        text = program.changes.read_bytes()
        try:
            program.changes.write_bytes(text + f"# {time.time_ns()}\n".encode())
            return self._run(program.command)
        finally:
            program.changes.write_bytes(text)

    def _run(self, command: Sequence[str]) -> Figures:
        before, start = os.times(), time.perf_counter()
        process = subprocess.Popen(
            command, env=self.environment, cwd=self.sources.parent, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        most = 0
        while True:
            try:
                _, said = process.communicate(timeout=EVERY)
                break
            except subprocess.TimeoutExpired:
                most = max(most, _memory(process.pid))
        after = os.times()
        if process.returncode not in (0, 1) and "exportlint" in command:
            raise RuntimeError(f"{' '.join(command)}: {said.decode()[-500:]}")
        cpu = after.children_user - before.children_user + after.children_system - before.children_system
        return Figures(time.perf_counter() - start, cpu, most / 1e6)


def _memory(process: int) -> int:
    """Bytes of a process and its children, what they share counted in parts where the system tells."""
    total = 0
    try:
        parent = psutil.Process(process)
        for one in (parent, *parent.children(recursive=True)):
            memory = one.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
    except psutil.Error:  # it has just ended
        return total
    return total


def median(figures: Sequence[Figures]) -> Figures:
    """The median of each figure on its own."""
    return Figures(*(statistics.median(getattr(f, name) for f in figures) for name in ("wall", "cpu", "memory")))


def table(package: str, programs: Sequence[Program], measured: dict[str, list[Figures]]) -> str:
    """The figures of one package in Markdown."""
    rows = [f"### {package}\n", "| program | wall s | cpu s | ratio | MB | runs |", "|---|---|---|---|---|---|"]
    unit = median(measured[programs[0].name]).cpu
    for program in programs:
        mid = median(measured[program.name])
        row = f"{mid.wall:.2f} | {mid.cpu:.2f} | {mid.cpu / unit:.2f} | {mid.memory:.0f}"
        rows.append(f"| {program.name} | {row} | {len(measured[program.name])} |")
    return "\n".join(rows) + "\n"


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
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path.home() / ".cache" / "exportlint-bench")
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--package", action="append")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    _install(folder / "linters", LINTERS)
    _install(folder / "torchfix", TORCHFIX)
    for package in options.package or PACKAGES:
        bench = Bench(folder, _sources(folder, package))
        programs = bench.programs(options.slow)
        measured: dict[str, list[Figures]] = {program.name: [] for program in programs}
        for run in range(options.runs):
            for program in programs:
                if run == 0 or not program.once:
                    measured[program.name].append(bench.measure(program))
        print(table(package, programs, measured), flush=True)


if __name__ == "__main__":
    main()

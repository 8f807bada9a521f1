#!/usr/bin/env python3
"""Kills `exportlint verify` at random moments, and looks at what it leaves behind.

    python benchmarks/bench_kill.py [--times 50] [--seed 0]

Each run verifies a few small models with the cache on and is ended by SIGKILL, SIGTERM or SIGINT, in turn, at a random
moment after its report is first there. After each: the report is valid JSON and says whether it is complete, no process
of the run is left, every entry of the cache is whole. At the end an undisturbed run must agree on every model. Prints
one JSON object; exit status 1 when anything was wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODELS = 4
LONGEST = 12.0  # seconds until the signal
MARK = "EXPORTLINT_BENCH_KILL"
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
NET = """import subprocess, sys
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        return x * {number}


def inputs():
    # a process that a killed worker would leave behind
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    return (torch.ones(3),)
"""


class Project:
    """A folder with a few models, verified again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.report, self.cache = folder, folder / "report.json", folder / "cache"
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "EXPORTLINT_CACHE_DIR": str(self.cache),
            MARK: str(folder),
        }
        tables = []
        for number in range(MODELS):
            (folder / f"net{number}.py").write_text(NET.format(number=number + 2))
            tables.append(f'[[models]]\nentry = "net{number}.py::Net"\ninputs = "net{number}.py::inputs"\n')
        (folder / "exportlint.toml").write_text('targets = ["trace", "script"]\n' + "".join(tables))

    def start(self) -> subprocess.Popen:
        """Starts a run with a report of its own, from the state of the cache that earlier runs left."""
        self.report.unlink(missing_ok=True)
        words = ("-m", "exportlint", "verify", "--output-format", "json", "--output-file", str(self.report))
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def killed(self, number: int, seconds: float) -> list[str]:
        """One run that is ended after `seconds`; what was wrong."""
        run = self.start()
        while not self.report.exists() and run.poll() is None:
            time.sleep(0.01)
        time.sleep(seconds)
        run.send_signal(SIGNALS[number % len(SIGNALS)])
        run.wait()
        wrong = [f"a process is left: {left}" for left in self._left()]
        wrong += [f"{file.name} is no whole entry" for file in self.cache.rglob("*.json") if not _whole(file)]
        return wrong + self._report_errors()

    def _report_errors(self) -> list[str]:
        try:
            report = json.loads(self.report.read_text())
        except (OSError, ValueError) as error:
            return [f"the report is not valid: {error}"]
        done, left = len(report["results"]), report["left"]
        right = done + left == 2 * MODELS and report["complete"] == (left == 0)
        bad = [result["reason"] for result in report["results"] if result["status"] != "ok"]
        return bad if right else [f"{done} results and {left} left of {2 * MODELS}"]

    def _left(self) -> list[str]:
        """Processes of this project that still run a while after, by their command lines."""
        for _ in range(50):
            left = [line for pid in os.listdir("/proc") if pid.isdigit() for line in self._mine(int(pid))]
            if not left:
                return []
            time.sleep(0.1)
        return left

    def _mine(self, pid: int) -> list[str]:
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return []
        return [words.decode(errors="replace")[:100]] if f"{MARK}={self.folder}".encode() in environment else []


def _whole(file: Path) -> bool:
    try:
        return set(json.loads(file.read_text())) == {"read", "answer"}
    except (OSError, ValueError):
        return not file.exists()


def trouble(times: int, seed: int, folder: Path) -> tuple[list[str], int]:
    """What went wrong in so many killed runs and a last one left alone, and how many entries that one found."""
    project, chance, wrong = Project(folder), random.Random(seed), []
    for number in range(times):
        if chance.random() < 0.5:  # else the cache of the runs before is found
            for entry in (project.cache / "verify").glob("*.json"):
                entry.unlink()
        wrong += [f"run {number}: {what}" for what in project.killed(number, chance.uniform(0, LONGEST))]
    project.start().wait()
    wrong += project._report_errors()
    results = json.loads(project.report.read_text())["results"]
    return wrong, sum(result["cached"] for result in results)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wrong, cached = trouble(options.times, options.seed, Path(folder))
    print("\n".join(wrong))
    print(json.dumps({"killed": options.times, "wrong": len(wrong), "cached_at_the_end": cached}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

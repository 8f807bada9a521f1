"""Results of earlier runs, found again while all that made them is the same. Standard library only.

That is: the job, exportlint itself, Python, the installed packages, and every file that the worker read, among them the
modules of the project that the model was built from. An entry that cannot be read is no entry; two runs at once may
write the same one. What depends on the machine's mood (a crash, a missed deadline) or lacks what may come (a module,
memory) is not kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from stat import S_ISREG

from exportlint import __version__
from exportlint.cache import content, folder, forget_oldest, own_source, write
from exportlint.verify.answers import parse_result
from exportlint.verify.contract import ContractError, Job, Result
from exportlint.verify.frames import installed

KEPT = ("ok", "mismatch", "export-failed", "not-runnable", "no-spec")
PASSING = ("ModuleNotFoundError", "ImportError", "MemoryError")  # in the reason of a result that is not kept
MOST_ENTRIES = 1000
LARGEST_HASHED = 64_000_000  # bytes; of larger files (weights) size and time stand for the content


class Kept:
    """The results kept for workers of one kind (`where`: the sandbox they run in)."""

    def __init__(self, where: str) -> None:
        self.where = where

    def find(self, job: Job) -> Result | None:
        """The result of an earlier run, if nothing changed since; none for a job that is to leave files behind."""
        if job.artifacts:
            return None
        file = self._file(job)
        try:
            entry = json.loads(file.read_text(encoding="utf-8"))
            if any(_digest(Path(job.root, name)) != digest for name, digest in entry["read"].items()):
                return None
            result = parse_result(json.dumps(entry["answer"]).encode(), job)
            os.utime(file)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ContractError):
            return None
        return replace(result, cached=True)

    def keep(self, job: Job, result: Result, since: float) -> None:
        """Keeps the result of a run that began at `since` (seconds of time.time), unless a file changed meanwhile.

        A folder that cannot be written to keeps nothing; the next run takes as long as this one.
        """
        if result.status not in KEPT or result.attached.read is None or any(word in result.reason for word in PASSING):
            return
        if any(_changed(Path(job.root, name), since) for name in result.attached.read):
            return
        read = {name: _digest(Path(job.root, name)) for name in result.attached.read}
        file = self._file(job)
        try:
            write(file, json.dumps({"read": read, "answer": result.to_answer()}))
            forget_oldest(file.parent, MOST_ENTRIES)
        except OSError:
            return

    def _file(self, job: Job) -> Path:
        around = (__version__, own_source(), sys.version, platform.platform(), _packages(), self.where, asdict(job))
        return folder() / "verify" / f"{hashlib.sha256(repr(around).encode()).hexdigest()}.json"


@cache
def _packages() -> str:
    """What is installed, by the names of the folders that say so: they hold the versions."""
    found = (entry for site in installed() if site.is_dir() for entry in os.listdir(site))
    return hashlib.sha256(
        repr(sorted(e for e in found if e.endswith((".dist-info", ".egg-info")))).encode()
    ).hexdigest()


def _changed(file: Path, since: float) -> bool:
    try:
        return file.stat().st_mtime >= since
    except OSError:
        return False


def _digest(file: Path) -> str:
    try:
        status = file.stat()
    except OSError:
        return "absent"
    if not S_ISREG(status.st_mode):  # a device or a FIFO, as only a forged answer names: reading it might never end
        return "no file"
    return content(file) if status.st_size <= LARGEST_HASHED else f"{status.st_size} {status.st_mtime_ns}"

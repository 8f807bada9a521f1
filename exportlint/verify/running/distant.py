"""What a worker of a Dask cluster does for us: it runs one job in a process of its own. Standard library only.

The project arrives as one archive of its files. The model's code runs in a confined process on the cluster's machine,
as it would here; what that process prints is handed back as bytes, and read by whoever asked.
"""

from __future__ import annotations

import importlib.util
import io
import platform
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from exportlint import __version__
from exportlint.verify.contract import Job
from exportlint.verify.isolation.sandbox import Sandbox
from exportlint.verify.running.pool import processors
from exportlint.verify.running.runner import Runner

NEEDED = ("torch", "onnx", "onnxruntime", "onnxscript")
PAUSE = 1.0  # seconds between two looks at whether a task is still wanted


def described() -> dict[str, Any]:
    """This machine as far as it matters: the version of exportlint, and which packages are missing."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    return {"exportlint": __version__, "missing": missing, "machine": platform.node()}


def attempt(archive: bytes, job: Job, kind: str, share: int) -> dict[str, Any]:
    """Runs one job: the parts of a `Finished`, and the root that its process saw. `share` jobs run here at a time."""
    with tempfile.TemporaryDirectory(prefix="exportlint-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve()
        with zipfile.ZipFile(io.BytesIO(archive)) as held:
            held.extractall(root)
        runner = Runner(Sandbox(kind, threads=max(processors() // max(share, 1), 1)))
        with _watched(runner):
            finished, seen, _ = runner.finished(replace(job, root=str(root)))
    return {**asdict(finished), "root": seen}


@contextmanager
def _watched(runner: Runner) -> Iterator[None]:
    """Kills the process of the job inside once nobody waits for the task any more: Dask itself leaves it running."""
    from distributed import get_worker

    worker, over = get_worker(), threading.Event()
    key = worker.get_current_task()

    def watch() -> None:
        while not over.wait(PAUSE):
            task = worker.state.tasks.get(key)
            if task is None or task.state != "executing":
                runner.stop()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()

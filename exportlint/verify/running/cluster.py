"""Runs jobs on a Dask cluster that is there already: one task each, with the project's files as an archive.

The scheduler and whoever can reach it are trusted, as Dask itself asks: its messages are pickles. What a model's
process answers is read by the same strict contract as an answer of this machine.
"""

from __future__ import annotations

import importlib.util
import io
import signal
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from exportlint import __version__
from exportlint.mistake import UserMistake
from exportlint.verify.contract import LARGEST_ANSWER, Job
from exportlint.verify.isolation import staging
from exportlint.verify.isolation.sandbox import Sandbox
from exportlint.verify.running import distant
from exportlint.verify.running.runner import KEPT_LOG, Finished, Runner

OPTION = "--dask"
PATIENCE = 20  # seconds that the scheduler, and the first worker, may take to answer
LARGEST_ARCHIVE = 500_000_000  # bytes, which go to every machine


class ClusterRunner(Runner):
    """Runs jobs as tasks of a cluster, as many at a time as its workers have threads."""

    def __init__(self, client: Any, archive: bytes, kind: str) -> None:
        workers = client.scheduler_info(n_workers=-1)["workers"].values()
        super().__init__(Sandbox(kind), sum(worker["nthreads"] for worker in workers))
        self.client, self.kind = client, kind
        self.share = max(worker["nthreads"] for worker in workers)
        self.archive = client.scatter(archive)
        self._tasks: set[Any] = set()

    def finished(self, job: Job) -> tuple[Finished, str, Path | None]:
        """How the job's process on a machine of the cluster ended, and the root as it saw it."""
        from distributed import KilledWorker

        task = self.client.submit(distant.attempt, self.archive, job, self.kind, self.share, pure=False)
        self._tasks.add(task)
        try:
            return _checked(task.result())
        except CancelledError:
            return Finished(-signal.SIGTERM, b"", b"", False), "", None
        except KilledWorker as error:
            return Finished(1, b"", f"the workers of the cluster died with it: {error}".encode(), False), "", None
        finally:
            self._tasks.discard(task)

    def stop(self) -> None:
        """Gives up every task; the machines of the cluster kill the processes that belong to them."""
        super().stop()
        self.client.cancel(list(self._tasks))


def _checked(told: Mapping[str, Any]) -> tuple[Finished, str, None]:
    """What a task told, held to what this machine would have taken from a worker of its own."""
    answer, log = bytes(told["answer"])[: LARGEST_ANSWER + 1], bytes(told["log"])[-KEPT_LOG:]
    return Finished(int(told["code"]), answer, log, bool(told["late"])), str(told["root"]), None


@contextmanager
def connected(address: str, root: Path, entries: Sequence[str], kind: str) -> Iterator[ClusterRunner]:
    """A runner on the cluster whose scheduler is at `address`, for the project at `root`. Raises UserMistake."""
    if importlib.util.find_spec("distributed") is None:
        raise UserMistake(f'{OPTION} needs the package distributed: pip install "exportlint[dask]"')
    import distributed

    archive = _archive(root, entries)
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UserMistake(f"{OPTION} {address}: no scheduler answers there: {error}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise UserMistake(f"{OPTION} {address}: the cluster has no workers") from error
        _same_everywhere(client, address)
        yield ClusterRunner(client, archive, kind)


def _archive(root: Path, entries: Sequence[str]) -> bytes:
    """The files of the project that a container would be given too. Raises UserMistake."""
    with tempfile.TemporaryDirectory(prefix="exportlint-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder, "project")
        staging.stage(root, copy)
        if (lost := staging.missing(entries, copy)) is not None:
            raise UserMistake(f"{lost}: a cluster is given the files that git tracks, and this is none: git add it")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as held:
            for file in sorted(path for path in copy.rglob("*") if path.is_file()):
                held.write(file, file.relative_to(copy).as_posix())
    if packed.tell() > LARGEST_ARCHIVE:
        raise UserMistake(f"{OPTION}: the project packs into more than {LARGEST_ARCHIVE // 1_000_000} MB")
    return packed.getvalue()


def _same_everywhere(client: Any, address: str) -> None:
    """Raises UserMistake for a worker with another exportlint, or without what verify needs."""
    try:
        machines = client.run(distant.described)
    except ModuleNotFoundError as error:
        raise UserMistake(f"{OPTION} {address}: a worker of the cluster has no exportlint: {error}") from error
    for name, about in machines.items():
        if about["exportlint"] != __version__:
            raise UserMistake(f"{OPTION}: {name} has exportlint {about['exportlint']}, and this is {__version__}")
        if about["missing"]:
            raise UserMistake(f"{OPTION}: {name} lacks {', '.join(about['missing'])}")

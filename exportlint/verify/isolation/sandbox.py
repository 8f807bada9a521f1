"""How a worker is launched: as a process of this machine, or in a container without network."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from exportlint.mistake import UserMistake
from exportlint.verify.isolation import container, seccomp, staging

ENGINES = container.ENGINES
KINDS = ("process", *ENGINES, "none")
IMAGE = "exportlint:latest"
_SECRETS = ("TOKEN", "SECRET", "PASSWORD", "CREDENTIAL", "API_KEY", "ACCESS_KEY")
_WORKER = ("-m", "exportlint.verify.worker")


@dataclass(frozen=True)
class Launch:
    """A command to start, its environment and folder, and the root as the worker sees it.

    What is there for this worker alone, and to be removed: a container, a temporary folder. `copy` is the project as
    the container was given it.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    root: str
    engine: str = ""
    container: str | None = None
    temporary: Path | None = None
    copy: Path | None = None

    def remove(self) -> None:
        """Removes what is left of the worker."""
        if self.container:
            container.remove(self.engine, self.container)
        if self.temporary:
            shutil.rmtree(self.temporary, ignore_errors=True)  # what a model made unremovable must not stop the rest


@dataclass(frozen=True)
class Sandbox:
    """A way to launch workers. `none` is a process with the whole environment, `process` a confined one without its
    secrets; `packages` is a volume of the models' dependencies, `memory` a limit in bytes for a container."""

    kind: str = "process"
    image: str = IMAGE
    threads: int = 1
    memory: int | None = None
    packages: str | None = None
    box: container.Box | None = None

    @property
    def contained(self) -> bool:
        """Whether workers run in containers, with the torch of their image."""
        return self.kind in ENGINES

    def check(self, keeps_files: bool) -> None:
        """Raises UserMistake when this sandbox cannot be used here, or cannot keep exported files."""
        if not self.contained:
            return
        if keeps_files:
            raise UserMistake(f"--artifacts: {self.kind} mounts nothing to write to; use --sandbox process")
        container.check(self.kind, self.image)

    @contextmanager
    def prepared(self, root: Path, entries: Sequence[str] = ()) -> Iterator[Sandbox]:
        """A sandbox that can launch workers on the project at `root`: for containers, it holds a copy of it.

        Raises UserMistake where the project cannot be copied, or the file of an entry is not in the copy.
        """
        if not self.contained:
            yield self
            return
        with tempfile.TemporaryDirectory(prefix="exportlint-", ignore_cleanup_errors=True) as folder:
            project, profile = Path(folder, "project"), Path(folder, "seccomp.json")
            staging.stage(root, project)
            if (lost := staging.missing(entries, project)) is not None:
                raise UserMistake(
                    f"{lost}: a container is given the files that git tracks, and this is none: git add it"
                )
            profile.write_text(seccomp.profile(), encoding="utf-8")
            memory = self.memory or container.MEMORY
            box = container.Box(self.kind, self.image, project, profile, self.packages, self.threads, memory)
            yield replace(self, box=box)

    def launch(self, root: Path) -> Launch:
        """How to start one worker on the project at `root`. Raises UserMistake when an engine will not."""
        settings = {
            "OMP_NUM_THREADS": str(self.threads),
            "PYTHONHASHSEED": "0",
            "PYTHONSAFEPATH": "1",  # a file of the project named like one of torch's own must not come first
            "HF_HUB_OFFLINE": "1",  # weights are never fetched
        }
        if self.contained:
            if self.box is None:  # never fall back to a process of this machine
                raise ValueError("a sandbox of containers launches within `prepared` only")
            name = self.box.create(_WORKER, settings)
            command = (self.kind, "start", "--attach", "--interactive", name)
            return Launch(command, os.environ, root, container.ROOT, self.kind, name, copy=self.box.project)
        temporary = Path(tempfile.mkdtemp(prefix="exportlint-"))
        confined = ("--confined",) if self.kind == "process" else ()
        environment = {**self._environment(), **settings, "TMPDIR": str(temporary)}
        return Launch((sys.executable, *_WORKER, *confined), environment, root, str(root), temporary=temporary)

    def _environment(self) -> dict[str, str]:
        if self.kind == "none":
            return dict(os.environ)
        return {key: value for key, value in os.environ.items() if not any(word in key.upper() for word in _SECRETS)}

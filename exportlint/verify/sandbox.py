"""How a worker is launched: as a plain process of this machine, or in a container without network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exportlint.mistake import UserMistake

KINDS = ("process", "docker", "none")
IMAGE = "exportlint:latest"
_SECRETS = ("TOKEN", "SECRET", "PASSWORD", "CREDENTIAL", "API_KEY", "ACCESS_KEY")
_WORKER = ("-m", "exportlint.verify.worker")
_LIMITS = ("--pids-limit", "512", "--memory", "8g", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
_SHUT = ("--network", "none", "--read-only", "--ipc", "private", "--init", "--tmpfs", "/tmp:rw,exec,nosuid,size=4g")


@dataclass(frozen=True)
class Launch:
    """A command to start, its environment and folder, the root as the worker sees it, and the container's name."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    root: str
    container: str | None = None

    def remove(self) -> None:
        """Kills and removes the container, if there is one left."""
        if self.container:
            # force: a payload that ignores signals is killed; a container that is gone already is no news
            subprocess.run(["docker", "rm", "-f", self.container], capture_output=True, timeout=60, check=False)


@dataclass(frozen=True)
class Sandbox:
    """A way to launch workers. `none` is a process with the whole environment, `process` one without its secrets."""

    kind: str = "process"
    image: str = IMAGE
    threads: int = 1

    def check(self, keeps_files: bool) -> None:
        """Raises UserMistake when this sandbox cannot be used here, or cannot keep exported files."""
        if self.kind != "docker":
            return
        if shutil.which("docker") is None:
            raise UserMistake("--sandbox docker: no docker command on this machine")
        if keeps_files:
            raise UserMistake("--artifacts: the docker sandbox mounts nothing to write to; use --sandbox process")
        found = subprocess.run(["docker", "image", "inspect", self.image], capture_output=True, check=False)
        if found.returncode:
            raise UserMistake(f"--image: docker has no image {self.image} here, or its engine does not answer")

    def launch(self, root: Path) -> Launch:
        """How to start one worker on the project at `root`."""
        settings = {
            "OMP_NUM_THREADS": str(self.threads),
            "PYTHONHASHSEED": "0",
            "PYTHONSAFEPATH": "1",  # a file of the project named like one of torch's own must not come first
            "HF_HUB_OFFLINE": "1",  # weights are never fetched
        }
        if self.kind == "docker":
            name = f"exportlint-{uuid.uuid4().hex[:12]}"
            variables = [word for key, value in settings.items() for word in ("--env", f"{key}={value}")]
            words = ("docker", "run", "--rm", "-i", "--name", name, *_SHUT, *_LIMITS, *variables)
            mounted = ("--volume", f"{root}:/src:ro", "--workdir", "/src", "--entrypoint", "python", self.image)
            return Launch((*words, *mounted, *_WORKER), os.environ, root, "/src", name)
        return Launch((sys.executable, *_WORKER), {**self._environment(), **settings}, root, str(root))

    def _environment(self) -> dict[str, str]:
        if self.kind == "none":
            return dict(os.environ)
        return {key: value for key, value in os.environ.items() if not any(word in key.upper() for word in _SECRETS)}

"""A container for one worker: no network, nothing to write to but memory, no rights, and an end to everything.

Docker and Podman take the same words but for a few. Seen to hold with Docker 20.10 and Podman 4.3.
Standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exportlint import __version__
from exportlint.mistake import UserMistake

ENGINES = ("docker", "podman")
USER = "10001:10001"
ROOT = "/src"  # the project, as the worker sees it
PACKAGES = "/packages"  # the models' own dependencies, likewise
MEMORY = 8 * 2**30  # bytes, where the user sets no other limit; what lies in /tmp and /dev/shm counts
LABEL = "exportlint"
VERSION = "org.opencontainers.image.version"  # the label of an image
PATIENCE = 60.0  # seconds that the engine may take to answer

NO_RIGHTS = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges")
_ALONE = ("--network", "none", "--ipc", "private", "--no-healthcheck", "--oom-score-adj", "500")
_MEMORY_ONLY = ("--read-only", "--shm-size", "1g")
_TMP = "/tmp:rw,noexec,nosuid,nodev,size=4g,mode=1777"
_ULIMITS = ("--ulimit", "core=0", "--ulimit", "nofile=4096", "--ulimit", f"fsize={4 * 2**30}")
# The client puts the proxies of its own configuration, passwords included, into containers unless they are set already.
_NO_PROXIES = tuple(
    word for name in ("http", "https", "ftp", "all", "no") for word in (f"{name}_proxy", f"{name}_proxy".upper())
)
_HOME = {"HOME": "/tmp", "USER": "exportlint", "LOGNAME": "exportlint"}  # torch asks who it is


@dataclass(frozen=True)
class Box:
    """What containers are made of: an engine and its image, the copied project and the seccomp profile on this machine,
    a volume of packages, threads and bytes of memory."""

    engine: str
    image: str
    project: Path
    profile: Path
    packages: str | None = None
    threads: int = 1
    memory: int = MEMORY

    def command(self, name: str, variables: Mapping[str, str]) -> tuple[str, ...]:
        """The words that create a container, whose program is Python; its arguments are to follow."""
        given = {**dict.fromkeys(_NO_PROXIES, ""), **_HOME, **variables}
        mounts = [f"type=bind,source={self.project},target={ROOT},readonly"]
        if self.packages:
            mounts.append(f"type=volume,source={self.packages},target={PACKAGES},readonly")
            given["PYTHONPATH"] = PACKAGES
        limits = ("--pids-limit", "512", "--cpus", str(self.threads))
        limits += ("--memory", str(self.memory), "--memory-swap", str(self.memory))
        return (
            *(self.engine, "create", "--interactive", "--init", "--name", name, "--label", LABEL),
            *("--pull", "never", "--log-driver", "none", "--security-opt", f"seccomp={self.profile}"),
            *("--user", USER, *NO_RIGHTS, *_ALONE, *_MEMORY_ONLY, *_ULIMITS, *limits, *_only(self.engine)),
            *(word for key, value in given.items() for word in ("--env", f"{key}={value}")),
            *(word for mount in mounts for word in ("--mount", mount)),
            *("--workdir", ROOT, "--entrypoint", "python", self.image),
        )

    def create(self, arguments: tuple[str, ...], variables: Mapping[str, str]) -> str:
        """Creates a container and returns its name. Raises UserMistake with the engine's words.

        Created first, then started: a container that exists can be removed, whenever the client is killed.
        """
        name = f"exportlint-{uuid.uuid4().hex[:12]}"
        ask((*self.command(name, variables), *arguments), f"--sandbox {self.engine}")
        return name


def remove(engine: str, name: str) -> None:
    """Kills and removes a container, and comes back when it is gone. With `run --rm` the engine would remove it in its
    own time. Raises UserMistake when it is still there."""
    ask((engine, "rm", "--force", "--volumes", name), f"--sandbox {engine}")


def check(engine: str, image: str) -> None:
    """Raises UserMistake when the engine or its image is not to be had, or the image holds another exportlint."""
    if shutil.which(engine) is None:
        raise UserMistake(f"--sandbox {engine}: no {engine} command on this machine")
    words = (engine, "image", "inspect", "--format", f'{{{{index .Config.Labels "{VERSION}"}}}}', image)
    found = subprocess.run(words, capture_output=True, timeout=PATIENCE, check=False)
    if found.returncode:
        raise UserMistake(f"--image: {engine} has no image {image} here, or its engine does not answer")
    holds = os.fsdecode(found.stdout).strip()
    if holds not in ("", "<no value>", __version__):
        raise UserMistake(f"--image: {image} holds exportlint {holds}, and this is {__version__}: build it again")


def ask(words: tuple[str, ...], what: str, patience: float = PATIENCE) -> str:
    """Runs the engine's client; what it printed. Raises UserMistake naming `what`, with the client's own words.

    `patience` is in seconds.
    """
    try:
        done = subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, timeout=patience, check=False)
    except subprocess.TimeoutExpired as error:
        raise UserMistake(f"{what}: {words[0]} {words[1]} took longer than {patience:g} s") from error
    if done.returncode:
        raise UserMistake(f"{what}: {' '.join(os.fsdecode(done.stderr).split())[:1000]}")
    return done.stdout.decode(errors="replace")


def _only(engine: str) -> tuple[str, ...]:
    """What one engine alone is told.

    Podman hands proxies on by itself, opens more of a read-only root, and raises the limit on processes, which not
    every host lets it do. It has no word for the number of files in /tmp, which the limit on memory bounds too, later.
    """
    if engine == "podman":
        return ("--http-proxy=false", "--read-only-tmpfs=false", "--tmpfs", _TMP, "--ulimit", "nproc=4096")
    return ("--tmpfs", f"{_TMP},nr_inodes=100k")

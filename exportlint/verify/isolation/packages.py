"""The models' own dependencies, in two phases: installed here with a network and without code, used without a network.

A volume of the engine holds them, named after the requirements and the image that they are for, and is used again.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path

from exportlint.cache import folder, write
from exportlint.mistake import UserMistake
from exportlint.verify.isolation import container

PATIENCE = 900.0  # seconds that an installation may take
WHEELS = "/wheels"
OPTION = "--requirements"


@dataclass(frozen=True)
class Installer:
    """Installs for one image. `wheels` is a folder of wheels to take instead of the index; then there is no network."""

    engine: str
    image: str
    wheels: Path | None = None

    def volume(self, requirements: tuple[str, ...]) -> str:
        """The name of a volume that holds `requirements`. Raises UserMistake with pip's last words."""
        words = (self.engine, "image", "inspect", "--format", "{{.Id}}", self.image)
        identity = container.ask(words, OPTION).strip()
        offered = sorted(file.name for file in self.wheels.glob("*.whl")) if self.wheels else None
        digest = hashlib.sha256(repr((identity, requirements, offered)).encode()).hexdigest()[:16]
        name = f"exportlint-packages-{digest}"
        # an installation that was interrupted leaves a volume without its mark
        mark = folder() / "packages" / f"{self.engine}-{digest}"
        if mark.exists() and name in container.ask((self.engine, "volume", "ls", "--quiet"), OPTION).split():
            return name
        container.ask((self.engine, "volume", "rm", "--force", name), OPTION)
        container.ask((self.engine, "volume", "create", "--label", container.LABEL, name), OPTION)
        try:
            installed = self._installed(name, requirements)
        except UserMistake:
            container.ask((self.engine, "volume", "rm", "--force", name), OPTION)
            raise
        mark.parent.mkdir(parents=True, exist_ok=True)
        write(mark, installed)
        return name

    def _installed(self, volume: str, requirements: tuple[str, ...]) -> str:
        name = f"exportlint-{uuid.uuid4().hex[:12]}"
        try:
            return container.ask(self.command(name, volume, requirements), OPTION, PATIENCE)
        finally:
            container.remove(self.engine, name)

    def command(self, name: str, volume: str, requirements: tuple[str, ...]) -> tuple[str, ...]:
        """The words that install. Root, since a new volume is root's, but without any capability of root's."""
        mounts = [f"type=volume,source={volume},target={container.PACKAGES}"]
        words = ["-m", "exportlint.verify.isolation.install"]
        if self.wheels:
            mounts.append(f"type=bind,source={self.wheels.resolve()},target={WHEELS},readonly")
            words += ["--wheels", WHEELS]
        return (
            *(self.engine, "run", "--init", "--name", name),
            *("--label", container.LABEL, "--pull", "never", "--log-driver", "none"),
            *("--network", "none" if self.wheels else "bridge", "--user", "0:0", *container.NO_RIGHTS),
            *("--read-only", "--tmpfs", "/tmp:rw,nosuid,nodev,size=4g", "--env", "HOME=/tmp"),
            *("--pids-limit", "512", "--memory", "4g", "--memory-swap", "4g"),
            *(word for mount in mounts for word in ("--mount", mount)),
            *("--workdir", "/tmp", "--entrypoint", "python", self.image, *words, *requirements),
        )

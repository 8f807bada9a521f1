"""Asks git, and has it run nothing that a repository's own configuration names."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes] | None:
    """Runs git in `folder`; None when there is no git.

    A repository's own configuration may name programs to run (core.fsmonitor), and a folder of a stranger may pass for
    a bare repository: both are turned off. So is fetching what a partial clone lacks, by the one setting that a
    repository's `protocol.ext.allow` does not overrule. The variables that git sets for its hooks would point it
    elsewhere.
    """
    safe = ("-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"LC_ALL": "C", "GIT_ALLOW_PROTOCOL": "none"}
    try:
        return subprocess.run(["git", *safe, *words], cwd=folder, env=environment, capture_output=True, check=False)
    except FileNotFoundError:
        return None

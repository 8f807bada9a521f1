"""What model code in the container gets to see of the checkout: the tracked files, and nothing else of it.

Not `.git`, which may hold the token that checked it out; no links, which could lead out of the copy.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from exportlint.mistake import UserMistake


def stage(checkout: Path, copy: Path) -> None:
    """Copies the tracked regular files of `checkout` to the new folder `copy`. Raises UserMistake."""
    done = subprocess.run(
        ["git", "-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit", "ls-files", "-z"],
        cwd=checkout,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise UserMistake(f"{checkout} is no git checkout: {os.fsdecode(done.stderr).strip()}")
    checkout = checkout.resolve()
    copy.mkdir(mode=0o755)
    for name in filter(None, done.stdout.split(b"\0")):
        relative = os.fsdecode(name)
        source = checkout / relative
        if source.resolve() == source and source.is_file():  # a link, wherever on the way, resolves to somewhere else
            target = copy / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)

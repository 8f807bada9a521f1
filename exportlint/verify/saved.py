"""Writes the files of a counterexample: its inputs, and the script that reproduces it. Standard library only."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path

from exportlint.cache import write
from exportlint.verify.contract import Job, Result

FOLDER = Path(".exportlint", "counterexamples")
_ROOT = "@ROOT@"  # where the script names the project's folder, which a worker in a container sees elsewhere


def saved(result: Result, job: Job, folder: Path) -> Result:
    """The result with the places of its files, as seen from the root where they are below it.

    A folder that cannot be written to is said in the counterexample, since the result stands without its files.
    """
    counterexample = result.counterexample
    if counterexample is None or not result.attached.npz:
        return result
    name = re.sub(r"[^\w.-]+", "_", f"{job.entry}.{job.target}").strip("._")
    npz, script = folder / f"{name}.npz", folder / f"{name}.py"
    text = result.attached.script.replace(_ROOT, str(Path(job.root)).replace("\\", "/").replace('"', '\\"'))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.parent.name == FOLDER.parts[0]:
            write(folder.parent / ".gitignore", "*\n")
        npz.write_bytes(base64.b64decode(result.attached.npz))
        write(script, text)
    except (OSError, ValueError) as error:
        unsaved = f"not saved: {type(error).__name__}: {getattr(error, 'strerror', None) or error}"
        return replace(result, counterexample=replace(counterexample, saved=unsaved))
    places = {"npz": _shown(npz, job), "script": _shown(script, job), "saved": "ok"}
    return replace(result, counterexample=replace(counterexample, **places))


def _shown(file: Path, job: Job) -> str:
    root = Path(job.root)
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)

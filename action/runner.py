"""What the GitHub runner offers a step: a folder for its files, outputs, a summary, and commands in the log."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

from exportlint.mistake import UserMistake
from exportlint.report.escaping import workflow_message, workflow_property

SUMMARY_LIMIT = 1024 * 1024  # bytes; GitHub drops a longer summary whole


def new_folder() -> Path:
    """A folder for the reports of this use of the Action, outside of the checkout, whose links could lead anywhere."""
    made = tempfile.mkdtemp(prefix="exportlint-", dir=os.environ["RUNNER_TEMP"])
    set_output("folder", made)
    return Path(made)


def folder() -> Path:
    """The folder that the first step made, handed on by action.yml."""
    return Path(os.environ["REPORTS"])


def exportlint(words: list[str], cwd: Path) -> int:
    """Runs the exportlint that the install step put beside this interpreter; its exit status.

    What it says on stderr goes to the log; it becomes an annotation when the work could not be done (status 2 and up).
    """
    command = [str(Path(sys.executable).with_name("exportlint")), *words]
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode > 1:
        annotate("error", said or f"ended with status {done.returncode}", title=f"exportlint {words[0]}")
    elif said:
        print(said, file=sys.stderr, flush=True)
    return done.returncode


def annotate(kind: str, message: str, **properties: object) -> None:
    """An annotation: `kind` is error, warning or notice; properties are file, line, title..."""
    given = ",".join(f"{name}={workflow_property(str(value))}" for name, value in properties.items())
    print(f"::{kind} {given}::{workflow_message(message)}", flush=True)


def set_output(name: str, value: object) -> None:
    """Sets an output of the step. The delimiter is random, so that no value can end itself and start another."""
    delimiter = uuid.uuid4().hex
    _append("GITHUB_OUTPUT", f"{name}<<{delimiter}\n{value}\n{delimiter}\n")


def artifacts() -> str:
    """The address at which GitHub lists what this run uploads."""
    told = os.environ
    return f"{told['GITHUB_SERVER_URL']}/{told['GITHUB_REPOSITORY']}/actions/runs/{told['GITHUB_RUN_ID']}#artifacts"


def summarise(markdown: str) -> None:
    """Adds to the job's summary page. `markdown` must be escaped already."""
    _append("GITHUB_STEP_SUMMARY", markdown.encode()[:SUMMARY_LIMIT].decode(errors="ignore"))


def step(main: Callable[[], int]) -> None:
    """Runs a step's `main` and ends the process with its status; the user's mistakes become an annotation."""
    try:
        status = main()
    except UserMistake as mistake:
        annotate("error", str(mistake), title="exportlint")
        status = 2
    sys.exit(status)


def _append(variable: str, text: str) -> None:
    with open(os.environ[variable], "a", encoding="utf-8") as file:
        file.write(text)

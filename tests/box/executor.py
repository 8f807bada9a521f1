"""A local executor of workflows, `act`: runs the workflows of a repository on this machine."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.box.conftest import commit_all, program, write

LONGEST = 3_000  # seconds for a whole workflow

WORKFLOW = """\
on: push
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
      - uses: exportlint/exportlint@v1
        id: exportlint
        with: INPUTS
      - if: always()
        env:
          KEPT: FOLDER
          HTML: ${{ steps.exportlint.outputs.html }}
          REPORT: ${{ steps.exportlint.outputs.report }}
          SARIF: ${{ steps.exportlint.outputs.sarif }}
          COMMENT: ${{ steps.exportlint.outputs.comment }}
        run: for path in "$HTML" "$REPORT" "$SARIF" "$COMMENT"; do [ -z "$path" ] || cp -r "$path" "$KEPT"; done
"""
"""A step of its own keeps what the outputs name: act removes the runner's folder when all went well."""


@dataclass(frozen=True)
class Run:
    """What a run left: a folder of files, its exit status, its log as act's JSON lines, the whole text for messages."""

    kept: Path
    status: int
    entries: list[dict[str, Any]]
    text: str

    def commands(self, kind: str) -> list[dict[str, Any]]:
        return [entry for entry in self.entries if entry.get("command") == kind]

    def outputs(self) -> dict[str, str]:
        return {entry["name"]: entry["arg"] for entry in self.commands("set-output")}

    def summary(self) -> str:
        return "".join(dict.fromkeys(entry["content"] for entry in self.commands("summary")))


def commit_workflow(folder: Path, files: dict[str, str], links: dict[str, Path] | None = None, **inputs: str) -> Path:
    """A repository of `files`, `links` and a workflow that uses the Action with these inputs."""
    kept = folder / "kept"
    kept.mkdir()
    text = WORKFLOW.replace("INPUTS", json.dumps(inputs)).replace("FOLDER", str(kept))
    workflow = {".github/workflows/ci.yml": text}
    repository = write(folder / "repository", {**files, **workflow})
    for name, target in (links or {}).items():
        (repository / name).symlink_to(target)
    commit_all(repository)
    return repository


def run_workflows(folder: Path, repository: Path, actions: dict[str, Path]) -> Run:
    """Runs the workflows of a repository for a push; `actions` are those that act shall not fetch."""
    command = [program("act"), "push", "--json", "--platform", "ubuntu-latest=-self-hosted", "--pull=false"]
    command += ["--action-offline-mode", "--container-daemon-socket=-"]
    command += [f"--local-repository={name}={place}" for name, place in actions.items()]
    places = {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_CONFIG_HOME": str(folder / "config")}
    done = subprocess.run(
        command,
        cwd=repository,
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    entries = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return Run(folder / "kept", done.returncode, entries, done.stdout + done.stderr)

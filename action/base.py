"""What the pull request, push or merge queue is compared with, as the runner's event tells."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from exportlint.mistake import UserMistake
from exportlint.source import git
from exportlint.source.changes import Changes


def event() -> dict[str, Any] | None:
    """The event that started the workflow; None where the runner does not tell."""
    file = os.environ.get("GITHUB_EVENT_PATH")
    return json.loads(Path(file).read_text(encoding="utf-8")) if file else None


def changes() -> Changes | None:
    """What the event changes; None where that is nothing, or where this clone does not have the commit before it."""
    named = _named(event() or {})
    return Changes(Path.cwd(), named) if named is not None and _is_here(named) else None


def revision() -> str | None:
    """The commit before the change; None for an event that changes nothing (a schedule, a new branch).

    Raises UserMistake when this clone does not have it.
    """
    named = _named(event() or {})
    if named is None:
        return None
    if not _is_here(named):
        raise UserMistake(
            "input changed-only: this clone lacks the commit to compare with; give actions/checkout `fetch-depth: 2`, "
            "or 0 for a push"
        )
    return named


def _named(told: dict[str, Any]) -> str | None:
    if (pull := told.get("pull_request")) is not None:
        # what is checked out by default is the merge, whose first parent is newer than the event's base may be
        return "HEAD^1" if _is_here("HEAD^2") or not _is_here(pull["base"]["sha"]) else pull["base"]["sha"]
    if (queue := told.get("merge_group")) is not None:
        return queue["base_sha"]
    before = told.get("before")
    return before if before and before.strip("0") else None


def _is_here(commit: str) -> bool:
    done = git.run(Path.cwd(), "rev-parse", "--verify", "--quiet", "--end-of-options", commit + "^{commit}")
    return done is not None and done.returncode == 0

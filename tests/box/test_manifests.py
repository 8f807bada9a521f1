"""The files that others' programs read, put before those programs' own validators."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.box.conftest import PROJECT, program

ACTIONS = (PROJECT / "action.yml", PROJECT / "comment" / "action.yml")
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))


def passes(*words: str | Path) -> None:
    done = subprocess.run([str(word) for word in words], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_action_fits_the_schema() -> None:
    passes(program("check-jsonschema"), "--builtin-schema", "vendor.github-actions", *ACTIONS)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_fits_the_schema(workflow: Path) -> None:
    passes(program("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", workflow)


def test_zizmor_finds_nothing() -> None:
    passes(program("zizmor"), "--offline", "--no-progress", "--strict-collection", *ACTIONS, *WORKFLOWS)


def test_hadolint_finds_nothing() -> None:
    passes(program("hadolint"), "Dockerfile")


def test_no_script_of_the_action_holds_an_expression() -> None:
    script = False
    for line in [line for action in ACTIONS for line in action.read_text(encoding="utf-8").splitlines()]:
        if re.match(r"\s+(- )?\w[\w-]*:", line):
            script = line.strip().startswith("run:")
        assert not (script and "${{" in line), line


def test_only_pinned_actions_are_used() -> None:
    for file in (*ACTIONS, *WORKFLOWS):
        for used in re.findall(r"uses:\s*(\S+)", file.read_text(encoding="utf-8")):
            assert used.startswith("./") or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used), f"{file.name}: {used}"


def test_every_default_of_the_constraints_is_exact() -> None:
    for line in (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert not line or line.startswith("#") or re.match(r"[\w-]+==\d[\w.]*(;|$)", line), line

"""The files that others' programs read, put before those programs' own validators."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.box.conftest import PROJECT, program

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ACTIONS = (PROJECT / "action.yml", *sorted(PROJECT.glob("*/action.yml")))
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


def test_the_container_s_packages_are_locked_at_the_constraints_versions() -> None:
    """tools/lock_container.sh writes them. torch is left out: images differ in it."""
    locked = {}
    for entry in (PROJECT / "requirements-container.txt").read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        if not entry.startswith("#"):
            pinned, *hashes = entry.split()
            assert hashes, entry
            assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", word) for word in hashes), entry
            name, _, version = pinned.partition("==")
            locked[normal(name)] = version
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [Requirement(line) for line in project["dependencies"] + project["optional-dependencies"]["verify"]]
    needed = {normal(needs.name) for needs in named if needs.marker is None} - {"torch"}
    assert needed <= set(locked)
    builds = {"hatchling", "trove-classifiers"}
    known = dict(
        line.partition(";")[0].split("==")
        for line in (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    )
    pins = {normal(name): version for name, version in known.items()}
    assert {name: pins.get(name) for name in set(locked) - builds} == {
        n: v for n, v in locked.items() if n not in builds
    }


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

"""The Action under a local executor, in a repository that uses it as others would."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from tests.box.conftest import BRANCH, BRANCH_LINE, PLAIN, commit_all, write
from tests.box.executor import Run, commit_workflow, run_workflows

CONFIG = """\
targets = ["onnx"]

[[models]]
entry = "src/plain.py::Double"
inputs = "src/plain.py::inputs"
"""


def run_workflow(folder: Path, files: dict[str, str], actions: dict[str, Path]) -> Run:
    """Commits `files` and runs their workflows."""
    repository = write(folder / "repository", files)
    commit_all(repository)
    return run_workflows(folder, repository, actions)


def test_annotates_the_line_and_fails(tmp_path: Path, checkout: Path) -> None:
    """The static half, which needs no container."""
    repository = commit_workflow(
        tmp_path, {"src/branch.py": BRANCH, "src/plain.py": PLAIN}, verify="false", sarif="true"
    )
    done = run_workflows(tmp_path, repository, {"exportlint/exportlint@v1": checkout})
    errors = [error["kvPairs"] for error in done.commands("error")]
    assert [(error["file"], error["line"]) for error in errors] == [("src/branch.py", str(BRANCH_LINE))], done.text
    assert errors[0]["title"].startswith("EXL101 ")
    assert done.status == 1
    outputs = done.outputs()
    assert (outputs["findings"], outputs["verified"], outputs["failed"]) == ("1", "0", "0")
    report = json.loads((done.kept / "report.json").read_text(encoding="utf-8"))
    assert report["verify"] is None
    assert report["check"]["findings"][0]["rule"] == "EXL101"
    assert json.loads((done.kept / "exportlint.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert "<code>EXL101</code>" in done.summary()


def test_a_mistake_about_the_exports_hides_no_finding(tmp_path: Path, checkout: Path) -> None:
    repository = commit_workflow(tmp_path, {"src/branch.py": BRANCH}, verify="maybe")
    done = run_workflows(tmp_path, repository, {"exportlint/exportlint@v1": checkout})
    assert done.status == 1
    assert "input verify" in " ".join(error["arg"] for error in done.commands("error")), done.text
    assert (done.kept / "report.json").exists(), done.text
    assert "<code>EXL101</code>" in done.summary()
    assert "Nothing could be exported" in done.summary()


UPLOAD = """\
inputs:
  name: {required: true}
  path: {required: true}
runs:
  using: composite
  steps:
    - shell: bash
      env: {NAME: "${{ inputs.name }}", FROM: "${{ inputs.path }}"}
      run: mkdir "STORE/$NAME" && cp -r "$FROM" "STORE/$NAME"
"""
DOWNLOAD = """\
inputs:
  pattern: {required: true}
  path: {required: true}
runs:
  using: composite
  steps:
    - shell: bash
      env: {PATTERN: "${{ inputs.pattern }}", TO: "${{ inputs.path }}"}
      run: mkdir "$TO" && cp -r STORE/$PATTERN "$TO"
"""
CHECKOUT = """\
inputs:
  repository: {default: ""}
  ref: {default: ""}
  path: {default: "."}
  fetch-depth: {default: ""}
  persist-credentials: {default: ""}
runs:
  using: composite
  steps:
    - shell: bash
      env: {TO: "${{ inputs.path }}"}
      run: if [ "$TO" = .exportlint ]; then cp -r "PROJECT" "$TO"; else cp -r "REPOSITORY/." .; fi
"""


@pytest.mark.docker
def test_parts_on_several_machines_end_in_one_report(tmp_path: Path, checkout: Path, image: str) -> None:
    """The workflow for others to call, with folders in the place of GitHub's artifacts."""
    store = tmp_path / "store"
    store.mkdir()
    text = (checkout / ".github/workflows/verify-in-parts.yml").read_text(encoding="utf-8")
    actions = {}
    for name, action in (("checkout", CHECKOUT), ("upload-artifact", UPLOAD), ("download-artifact", DOWNLOAD)):
        pinned = re.search(rf"actions/{name}@[0-9a-f]{{40}}", text)
        assert pinned, name
        for word, place in (("STORE", store), ("PROJECT", checkout), ("REPOSITORY", tmp_path / "repository")):
            action = action.replace(word, str(place))
        actions[pinned[0]] = write(tmp_path / name, {"action.yml": action})
        commit_all(actions[pinned[0]])
    calls = "on: push\njobs:\n  call:\n    uses: ./.github/workflows/verify-in-parts.yml\n    with: "
    files = {"src/branch.py": BRANCH, "src/plain.py": PLAIN, "exportlint.toml": CONFIG}
    workflows = {
        ".github/workflows/ci.yml": calls + json.dumps({"parts": 4, "image": image, "fail-on": "error"}) + "\n",
        ".github/workflows/verify-in-parts.yml": text,
    }
    done = run_workflow(tmp_path, {**files, **workflows}, actions)
    assert sorted(part.name for part in store.iterdir()) == [
        "exportlint-html",
        "exportlint-part-of-shard-1",
        "exportlint-part-of-shard-2",
        "exportlint-part-plan",
    ], done.text
    reports = [json.loads(file.read_text(encoding="utf-8")) for file in store.rglob("report.json")]
    assert {finding["path"] for report in reports for finding in report["check"]["findings"]} == {"src/branch.py"}
    assert "1" in {entry["arg"] for entry in done.commands("set-output") if entry["name"] == "verified"}
    assert "<code>export-failed</code>" in html.unescape(done.summary())
    assert done.status == 1  # for the finding and the model that cannot be exported

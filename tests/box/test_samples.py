"""The Action from end to end on four repositories: the log, the summary, the outputs and the files it leaves."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.box.conftest import BRANCH_LINE, write
from tests.box.executor import Run, commit_workflow, run_workflows
from tests.box.samples import CANARY, CLEAN, FAILING, HOSTILE, MONOREPO, monorepo

pytestmark = pytest.mark.docker
FULL = "EXPORTLINT_FULL" in os.environ  # `make monorepo`


def run(folder: Path, checkout: Path, files: dict[str, str], **inputs: str) -> Run:
    repository = commit_workflow(folder, files, **inputs)
    return run_workflows(folder, repository, {"exportlint/exportlint@v1": checkout})


def report_of(done: Run) -> dict[str, Any]:
    return json.loads((done.kept / "report.json").read_text(encoding="utf-8"))


def page_of(done: Run) -> str:
    """The summary as a reader sees it."""
    return html.unescape(re.sub("</?code>|<wbr>", "", done.summary()))


def figures(done: Run) -> tuple[str, ...]:
    return tuple(done.outputs()[name] for name in ("findings", "verified", "failed"))


def annotations(done: Run) -> list[tuple[str, str | None, str | None]]:
    said = [(kind, entry["kvPairs"] or {}) for kind in ("error", "warning") for entry in done.commands(kind)]
    return [(kind, pairs.get("file"), pairs.get("line")) for kind, pairs in said]


def pages(done: Run) -> list[str]:
    return sorted(page.name for page in (done.kept / "html").iterdir())


def test_a_clean_repository_is_green(tmp_path: Path, checkout: Path, image: str) -> None:
    done = run(tmp_path, checkout, CLEAN, image=image, sarif="true", comment="true")
    assert done.status == 0, done.text
    assert figures(done) == ("0", "1", "0")
    assert annotations(done) == []
    page = page_of(done)
    assert "## exportlint: 0 findings" in page
    assert "| src/plain.py::Double | ✅ ok |" in page
    assert "/actions/runs/" in page
    assert pages(done) == ["check.html", "verify.html"]
    assert json.loads((done.kept / "exportlint.sarif").read_text(encoding="utf-8"))["runs"][0]["results"] == []
    (note,) = (done.kept / "comment").iterdir()
    assert json.loads(note.read_text(encoding="utf-8"))["total"] == {"findings": 0, "exports": 1, "failed": 0}


def test_a_failing_repository_says_where_why_and_what_to_do(tmp_path: Path, checkout: Path, image: str) -> None:
    done = run(tmp_path, checkout, FAILING, image=image, sarif="true", comment="true")
    assert done.status == 1, done.text
    statuses = {result["model"]: result["status"] for result in report_of(done)["verify"]["results"]}
    assert statuses == {
        "src/branch.py::Gate": "mismatch",
        "src/plain.py::Double": "ok",
        "src/sized.py::Sized": "mismatch",
    }
    assert figures(done) == ("2", "1", "2")
    # the finding and the failed export, at the same line
    assert annotations(done).count(("error", "src/branch.py", str(BRANCH_LINE))) == 2
    page = page_of(done)
    assert "| src/branch.py::Gate | ❌ mismatch |" in page
    assert "torch.where" in page
    assert re.search(
        r"\| x = tensor\(.*\) \(float32\[\d, 3\]\)<br>expected .*, got .* \| exportlint explain EXL101 \|", page
    )
    sarif = json.loads((done.kept / "exportlint.sarif").read_text(encoding="utf-8"))
    assert "EXL101" in {result["ruleId"] for result in sarif["runs"][0]["results"]}
    assert "src/branch.py::Gate" in ((done.kept / "html") / "verify.html").read_text(encoding="utf-8")
    (file,) = (done.kept / "comment").iterdir()
    note = json.loads(file.read_text(encoding="utf-8"))
    assert [result["model"] for result in note["results"]] == ["src/branch.py::Gate", "src/sized.py::Sized"]
    assert [(made["path"], made["text"]) for made in note["suggestions"]] == [
        ("src/branch.py", "        return torch.where(x.sum() > 0, x * 2, x)"),
        ("src/sized.py", "        n = x.shape[0]"),
    ]


def test_a_hostile_repository_gets_nothing_and_says_nothing(
    tmp_path: Path, checkout: Path, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", CANARY)
    (tmp_path / "secret").write_text(CANARY)
    links = {"link.txt": tmp_path / "secret", "src/linked.py": Path("net.py"), "circle.py": Path("circle.py")}
    repository = commit_workflow(tmp_path, HOSTILE, links, image=image, comment="true", sarif="true")
    write(repository, {"untracked.txt": CANARY})
    subprocess.run(["git", "config", "http.extraheader", CANARY], cwd=repository, check=True)
    before = {path: path.read_bytes() for path in sorted(repository.rglob("*")) if path.is_file()}
    done = run_workflows(tmp_path, repository, {"exportlint/exportlint@v1": checkout})
    assert done.status == 1, done.text
    results = {result["model"]: result for result in report_of(done)["verify"]["results"]}
    assert results["src/net.py::Shouting"]["status"] in ("not-runnable", "export-failed"), results
    assert results["src/net.py::lying"]["status"] == "crashed"
    # every command that the runner obeyed is one of ours
    assert {entry["command"] for entry in done.entries if entry.get("command")} <= {
        *("error", "warning", "notice", "set-output", "summary"),
        *("add-mask", "add-matcher", "remove-matcher", "debug", "group", "endgroup"),
    }
    assert not done.commands("add-mask")
    assert not [entry for entry in done.commands("error") if entry["arg"].startswith("planted")]
    written = {path.name: path.read_text(encoding="utf-8") for path in done.kept.rglob("*.*")}
    assert sorted(written) == [
        "check.html",
        "exportlint-comment.json",
        "exportlint.sarif",
        "report.json",
        "verify.html",
    ]
    written["summary"] = done.summary()
    for name, text in {**written, "log": done.text}.items():
        for planted in (CANARY, "SUCCEEDED", "\x1b[2J", "\u2028", "\u202e"):
            assert planted not in text, (name, planted)
    for planted in ("@everyone", "<img", "http:y"):
        assert planted not in done.summary()
    assert "<img" not in written["check.html"] + written["verify.html"]
    after = {path: path.read_bytes() for path in sorted(repository.rglob("*")) if path.is_file()}
    assert after.keys() == before.keys()
    assert after == before


@pytest.mark.parametrize("models", [MONOREPO if FULL else 5])
def test_a_repository_of_many_models_is_reported_whole(tmp_path: Path, checkout: Path, image: str, models: int) -> None:
    """Thirty models where EXPORTLINT_FULL is set, as `make monorepo` does; five elsewhere."""
    done = run(tmp_path, checkout, monorepo(models), image=image, jobs="2")
    assert done.status == 1, done.text
    flawed = models // 5
    assert figures(done) == (str(flawed), str(models - flawed), str(flawed))
    statuses = {result["model"]: result["status"] for result in report_of(done)["verify"]["results"]}
    assert len(statuses) == models
    assert {model for model, status in statuses.items() if status == "mismatch"} == {
        f"packages/p{number:02}/net.py::Gate{number:02}" for number in range(4, models, 5)
    }
    errors = done.commands("error")
    assert len(errors) == 2 * flawed  # a step shows ten
    assert page_of(done).count("✅ ok") == models - flawed

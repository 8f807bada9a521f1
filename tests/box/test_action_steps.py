"""The Action's steps one by one, in a runner made of folders and variables."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from exportlint.verify.contract import Counterexample, InputValue, Result
from tests.box.conftest import BRANCH, PROJECT, commit_all, git, write
from tests.box.steps import Runner


@pytest.mark.parametrize(("fail_on", "status"), [("error", 1), ("never", 0)])
def test_findings_fail_the_job_in_the_last_step_only(runner: Runner, fail_on: str, status: int) -> None:
    assert runner.step("check").returncode == 0
    assert runner.step("verify", VERIFY="false").returncode == 0
    assert runner.step("report", FAIL_ON=fail_on).returncode == status
    assert runner.outputs()["findings"] == "1"


PULL = {"pull_request": {"base": {"sha": "0" * 40}}}


def test_changed_only_finds_on_the_lines_of_the_change(runner: Runner) -> None:
    runner.event = PULL
    git(runner.workspace, "checkout", "--quiet", "-b", "change")
    write(runner.workspace, {"src/new.py": BRANCH.replace("Gate", "Other")})
    git(runner.workspace, "add", "--all")
    git(runner.workspace, "commit", "--quiet", "--message", "new")
    done = runner.step("check", CHANGED_ONLY="true")
    assert [line.partition(",")[0] for line in done.stdout.splitlines()] == ["::error file=src/new.py"]
    runner.event = {"before": "0" * 40}
    done = runner.step("check", CHANGED_ONLY="true")
    assert done.stdout.startswith("::notice ")
    assert "file=src/branch.py" in done.stdout


def test_findings_on_changed_lines_are_annotated_before_the_others(runner: Runner) -> None:
    """GitHub shows ten errors a step: those of the pull request must be among them."""
    old = {f"src/a{number:02}.py": BRANCH for number in range(12)}
    write(runner.workspace, old)
    commit_all(runner.workspace)
    assert "file=src/z.py" not in runner.step("check").stdout
    git(runner.workspace, "checkout", "--quiet", "-b", "change")
    write(runner.workspace, {"src/z.py": BRANCH.replace("Gate", "Other")})
    git(runner.workspace, "add", "--all")
    git(runner.workspace, "commit", "--quiet", "--message", "new")
    runner.event = PULL
    lines = runner.step("check").stdout.splitlines()
    assert lines[0].startswith("::error file=src/z.py,"), lines
    assert lines[1].startswith("::error file=src/a00.py,")
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert lines[-1].endswith("4 more are not shown here: EXL101 4 times.")


def test_changed_only_without_the_history_says_how_to_get_it(runner: Runner) -> None:
    runner.event = PULL
    done = runner.step("check", CHANGED_ONLY="true")
    assert (done.returncode, "fetch-depth" in done.stdout) == (2, True)


def test_a_baseline_leaves_known_findings_out(runner: Runner) -> None:
    words = [sys.executable, "-m", "exportlint", "check", "--write-baseline", "known.json"]
    environment = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": str(PROJECT)}
    subprocess.run(words, cwd=runner.workspace, env=environment, check=True, capture_output=True)
    assert runner.step("check", BASELINE="known.json").stdout == ""
    assert runner.step("report").returncode == 0
    assert runner.outputs()["findings"] == "0"


def test_pages_are_written(runner: Runner) -> None:
    runner.step("check")
    runner.step("report")
    folder = Path(runner.outputs()["html"])
    assert [page.name for page in folder.iterdir()] == ["check.html"]
    assert "EXL101" in (folder / "check.html").read_text(encoding="utf-8")


def test_without_docker_a_notice_and_no_failure_unless_asked_for(runner: Runner) -> None:
    runner.step("check")
    done = runner.step("verify", path="/nonexistent")
    assert (done.returncode, done.stdout.startswith("::notice ")) == (0, True)
    done = runner.step("verify", path="/nonexistent", VERIFY="true")
    assert (done.returncode, done.stdout.startswith("::error ")) == (2, True)


@pytest.mark.parametrize(
    ("step", "inputs", "named"),
    [
        ("check", {"OPSET": "latest"}, "opset"),
        ("check", {"OPSET": "0"}, "opset"),
        ("check", {"TARGETS": "tensorflow"}, "tensorflow"),
        ("check", {"CONFIG": "nowhere.toml"}, "nowhere.toml"),
        ("check", {"SARIF": "yes"}, "sarif"),
        ("verify", {"VERIFY": "maybe"}, "verify"),
        ("report", {"FAIL_ON": "sometimes"}, "fail-on"),
    ],
)
def test_a_wrong_input_is_an_annotation_that_names_it(
    runner: Runner, step: str, inputs: dict[str, str], named: str
) -> None:
    runner.step("check")
    done = runner.step(step, **inputs)
    assert done.returncode == 2, done.stdout + done.stderr
    error = next(line for line in done.stdout.splitlines() if line.startswith("::error "))
    assert named in error


def test_a_file_that_does_not_parse_fails_the_job(runner: Runner) -> None:
    write(runner.workspace, {"src/broken.py": "def f(:\n"})
    done = runner.step("check")
    assert "::error file=src/broken.py" in done.stdout
    assert runner.step("report", FAIL_ON="never").returncode == 0
    assert runner.step("report").returncode == 1


def test_modules_of_the_checkout_are_not_imported(runner: Runner) -> None:
    trap = "raise SystemExit('imported from the checkout')\n"
    write(runner.workspace, dict.fromkeys(("click.py", "json.py", "exportlint/__init__.py", "sitecustomize.py"), trap))
    commit_all(runner.workspace)
    done = runner.step("check")
    assert done.returncode == 0, done.stderr
    assert "imported from the checkout" not in done.stdout + done.stderr


def test_hostile_names_stay_text(runner: Runner) -> None:
    """File names and source that try to write workflow commands, Markdown, mentions or a second annotation."""
    name = "a::error::b%0A,line=9 @everyone <img src=x> [x](http:y) `c`|.py"
    write(runner.workspace, {f"src/{name}": BRANCH, "src/line\n::add-mask::x\n.py": BRANCH})
    done = runner.step("check", PATHS="src")
    assert done.returncode == 0, done.stderr
    commands = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert len(commands) == 3
    assert all(line.startswith("::error file=src/") and "EXL101" in line for line in commands)
    runner.step("report")
    for shown in ("<img", "@everyone", "http:", "`c`", "::add-mask"):
        assert shown not in runner.summary()


def test_report_joins_both_halves(runner: Runner) -> None:
    runner.step("check")
    inputs = (InputValue("x", "float32", (1,), "tensor([-1.])"),)
    result = Result(
        "src/plain.py::Double",
        "onnx",
        "mismatch",
        "differs <i>",
        "src/plain.py",
        7,
        "EXL101",
        counterexample=Counterexample("negated", 0, inputs),
        expected="1",
        got="-1",
    ).to_dict()
    good = {**result, "target": "trace", "status": "ok", "reason": ""}
    document = {"results": [result, good], "findings": []}
    (Path(runner.reports) / "verify.json").write_text(json.dumps(document), encoding="utf-8")
    assert runner.step("report").returncode == 1
    assert (runner.outputs()["verified"], runner.outputs()["failed"]) == ("1", "1")
    page = html.unescape(re.sub("</?code>|<wbr>", "", runner.summary()))
    assert "| ❌ mismatch | ✅ ok |" in page
    assert "| x = tensor([-1.]) (float32[1])<br>expected 1, got -1 | exportlint explain EXL101 |" in page
    assert "(https://github.com/owner/repo/actions/runs/7#artifacts)" in page
    assert "<i>" not in runner.summary()
    assert "<i>" not in (Path(runner.outputs()["html"]) / "verify.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("event", "installed"),
    [
        ({}, True),
        ({"pull_request": {"head": {"repo": {"full_name": "a/b"}}, "base": {"repo": {"full_name": "a/b"}}}}, True),
        ({"pull_request": {"head": {"repo": {"full_name": "c/b"}}, "base": {"repo": {"full_name": "a/b"}}}}, False),
        ({"pull_request": {"head": {"repo": None}, "base": {"repo": {"full_name": "a/b"}}}}, False),
        (None, False),
    ],
)
def test_requirements_of_forks_are_not_installed(tmp_path: Path, event: dict | None, installed: bool) -> None:
    environment = {"PATH": os.environ["PATH"], "INPUT_REQUIREMENTS": "needs.txt", "PYTHONPATH": str(PROJECT / "action")}
    if event is not None:
        (tmp_path / "event.json").write_text(json.dumps(event))
        environment["GITHUB_EVENT_PATH"] = str(tmp_path / "event.json")
    code = f"import sys; sys.path.insert(0, {str(PROJECT)!r}); import verify; print(verify._packages())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert ("--requirements=needs.txt" in done.stdout) is installed
    assert done.stdout.startswith("::notice ") is not installed

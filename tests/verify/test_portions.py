"""A part of the jobs: those that a change touches, those of a shard; and the parts put together again."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from exportlint.cli.main import main
from exportlint.config import load
from exportlint.verify.contract import Job, Result
from exportlint.verify.running import plan, shards
from exportlint.verify.running.changed import changed
from exportlint.verify.running.shards import Shard

MODEL = "from torch import nn\n\n\nclass {name}(nn.Module):\n    pass\n"
CONFIGURATION = """
targets = ["trace", "onnx"]
[[models]]
entry = "src/one.py::One"
inputs = "inputs.py::one"
weights = "one.pt"
[[models]]
entry = "src/two.py::Two"
inputs = { x = "float32[1]" }
[[models]]
entry = "three:Three"
"""
git_is_there = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(*words: str) -> None:
    who = ("-c", "user.name=tests", "-c", "user.email=tests@localhost")
    subprocess.run(["git", *who, *words], check=True, capture_output=True)


@pytest.fixture
def committed(project: Path) -> Path:
    """Three models with what belongs to them, all committed."""
    (project / "src").mkdir()
    (project / "src/one.py").write_text("import shared\n" + MODEL.format(name="One"))
    (project / "src/shared.py").write_text("")
    (project / "src/two.py").write_text(MODEL.format(name="Two"))
    (project / "src/three.py").write_text(MODEL.format(name="Three"))
    (project / "train.py").write_text("from three import Three\nThree()\n")
    (project / "inputs.py").write_text("def one(): ...\n")
    (project / "one.pt").write_text("weights")
    (project / "exportlint.toml").write_text(CONFIGURATION)
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "all")
    return project


def jobs_of(project: Path) -> list[Job]:
    return plan.jobs(load(project), (), plan.Wishes())


@git_is_there
@pytest.mark.parametrize(
    ("file", "models"),
    [
        (None, []),
        ("README.md", []),
        ("src/one.py", ["One"]),
        ("src/shared.py", ["One"]),
        ("inputs.py", ["One"]),
        ("one.pt", ["One"]),
        ("src/three.py", ["Three"]),
        ("train.py", ["Three"]),
        ("exportlint.toml", ["One", "Two", "Three"]),
    ],
)
def test_a_change_touches_the_models_that_are_made_of_the_file(
    committed: Path, file: str | None, models: list[str]
) -> None:
    if file:
        with (committed / file).open("a") as opened:
            opened.write("# more\n")
    found = changed(jobs_of(committed), load(committed), "HEAD")
    assert [(job.entry.rpartition(":")[2], job.target) for job in found] == [
        (model, target) for model in models for target in ("trace", "onnx")
    ]


@git_is_there
def test_a_module_that_is_lost_is_a_change(committed: Path) -> None:
    (committed / "src/shared.py").unlink()
    assert {job.entry for job in changed(jobs_of(committed), load(committed), "HEAD")} == {"src/one.py::One"}


@git_is_there
def test_a_model_outside_of_the_project_counts_as_changed(committed: Path) -> None:
    jobs = [Job("json:loads", str(committed), "onnx"), Job("src/two.py::Two", str(committed), "onnx")]
    assert [job.entry for job in changed(jobs, load(committed), "HEAD")] == ["json:loads"]


def test_shards_share_out_every_job_once_and_every_target_evenly() -> None:
    targets = ("trace", "onnx")
    jobs = [Job(f"{name}.py::Net", "", target) for name in "abcde" for target in targets]
    parts = [Shard(number, 3).of(jobs) for number in (1, 2, 3)]
    assert sorted((job.entry, job.target) for part in parts for job in part) == sorted(
        (job.entry, job.target) for job in jobs
    )
    for target in targets:
        counts = [sum(job.target == target for job in part) for part in parts]
        assert max(counts) - min(counts) <= 1
    assert shards.most(jobs[:2], 8) == [Shard(1, 2), Shard(2, 2)]
    assert shards.most([], 8) == []


@pytest.mark.parametrize("text", ["", "2", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2"])
def test_what_is_no_shard_is_said(committed: Path, text: str, capsys) -> None:
    assert main(["verify", "--shard", text]) == 2
    assert "write it as K/N" in capsys.readouterr().err


@git_is_there
def test_a_plan_is_one_line_and_runs_nothing(committed: Path, capsys) -> None:
    assert main(["verify", "--plan", "4"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    document = json.loads(line)
    assert document["shards"] == ["1/4", "2/4", "3/4", "4/4"]
    assert document["jobs"][:2] == [
        {"model": "src/one.py::One", "target": "trace", "opset": None},
        {"model": "src/one.py::One", "target": "onnx", "opset": None},
    ]
    assert main(["verify", "--plan", "4", "--changed-since", "HEAD"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"schema": 1, "jobs": [], "shards": []}
    assert said.err == "exportlint: 0 of 6 models and targets may have changed since HEAD\n"
    assert main(["verify", "--changed-since", "nowhere"]) == 2
    assert "no such commit" in capsys.readouterr().err


def report(file: str, results: list[Result], **given: object) -> str:
    document = {"schema": 1, "results": [result.to_dict() for result in results], "findings": [], "left": 0, **given}
    Path(file).write_text(json.dumps(document))
    return file


GOOD = Result("b.py::Net", "onnx", "ok", max_abs=1e-7, seconds={"total": 2.0})
BAD = Result("a.py::Net", "trace", "mismatch", "the values differ", "a.py", 3, "EXL101")


def finding(verdict: str) -> dict:
    return {"rule": "EXL101", "path": "a.py", "line": 3, "verdict": verdict}


def test_reports_are_joined(project: Path, capsys) -> None:
    one = report("one.json", [GOOD], shard="1/2", findings=[finding("not reached")])
    two = report("two.json", [BAD], shard="2/2", findings=[finding("confirmed")], left=3)
    assert main(["merge", one, two, "--output-format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["results"] == [BAD.to_dict(), GOOD.to_dict()]
    assert document["findings"] == [finding("confirmed")]
    assert (document["complete"], document["left"], document["shard"]) == (False, 3, None)
    assert main(["merge", one, two]) == 1
    text = capsys.readouterr().out
    assert "a.py::Net  [trace]  mismatch" in text
    assert "Not complete: 3 more were to run." in text


def test_a_joined_report_that_is_good_says_so(project: Path) -> None:
    files = [report("one.json", [GOOD]), report("two.json", [replace(GOOD, target="trace")])]
    assert main(["merge", *files]) == 0
    assert main(["merge", report("three.json", [BAD]), "--exit-zero"]) == 0


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["one", "one"], "two.json: b.py::Net [onnx] stands in one.json, too"),
        (["shard"], "no report of shard 2/3, 3/3"),
        (["shard", "of two"], "shards of different runs: some are of 2, some of 3"),
        (["other shard"], 'one.json: shard "4/3": write it as K/N'),
        (["not a result"], "one.json: results[0] does not have exactly the keys"),
        (["no report"], "one.json: is no report"),
        (["no JSON"], "one.json: is not JSON"),
        (["no file"], "one.json: cannot be read"),
        (["newer"], "one.json: has schema 2, this exportlint knows 1"),
    ],
)
def test_what_cannot_be_joined_is_said_in_one_line(project: Path, capsys, files: list[str], said: str) -> None:
    for name, what in zip(("one.json", "two.json"), files, strict=False):
        made = {
            "one": lambda name: report(name, [GOOD]),
            "shard": lambda name: report(name, [GOOD], shard="1/3"),
            "of two": lambda name: report(name, [BAD], shard="2/2"),
            "other shard": lambda name: report(name, [], shard="4/3"),
            "not a result": lambda name: Path(name).write_text(
                '{"schema": 1, "results": [{}], "findings": [], "left": 0}'
            ),
            "no report": lambda name: Path(name).write_text('{"findings": []}'),
            "no JSON": lambda name: Path(name).write_text("{"),
            "no file": lambda name: None,
            "newer": lambda name: report(name, [], schema=2),
        }
        made[what](name)
    assert main(["merge", "one.json", "two.json"][: 1 + len(files)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"exportlint: error: {said}")

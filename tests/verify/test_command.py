"""The command: what it runs, what it says, and its exit status."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from exportlint.cli import verify as cli
from exportlint.cli.main import main
from exportlint.config import load
from exportlint.verify.contract import Job, Opset, Result, Spec
from exportlint.verify.running import plan
from exportlint.verify.running.runner import Runner

CONFIGURATION = """
targets = ["onnx"]
opset = 17
[[models]]
entry = "src/net.py::Net"
kwargs = { classes = 3 }
inputs = { x = "float32[batch, 3]" }
[[models]]
entry = "package.net:make"
targets = ["trace", "onnx-ts"]
opset = 14
"""
FAILED = Result(
    "src/net.py::Net",
    "onnx",
    "mismatch",
    "values differ: %, : \x07",
    "src/net.py",
    2,
    "EXL101",
    Opset(17, 18),
    inputs_tried=3,
)


@pytest.fixture
def configured(project: Path) -> Path:
    (project / "src").mkdir()
    (project / "src/net.py").write_text("class Net:\n    def forward(self): pass\n")
    (project / "exportlint.toml").write_text(CONFIGURATION)
    return project


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Jobs are collected instead of run; each "fails" as `FAILED` does."""
    asked: list[Job] = []

    def run(self: Runner, jobs: list[Job], started: object, ended: object) -> list[Result]:
        asked.extend(jobs)
        return [FAILED]

    monkeypatch.setattr(Runner, "run", run)
    monkeypatch.setattr(cli, "NEEDED", ())
    return asked


def test_jobs_of_the_configuration(configured: Path) -> None:
    jobs = plan.jobs(load(configured), (), plan.Wishes(seed=7))
    assert [(job.entry, job.target, job.opset) for job in jobs] == [
        ("src/net.py::Net", "onnx", 17),
        ("package.net:make", "trace", None),
        ("package.net:make", "onnx-ts", 14),
    ]
    assert (jobs[0].kwargs, jobs[0].seed, jobs[0].root) == ({"classes": 3}, 7, str(configured))


def test_an_entry_takes_what_the_configuration_says_about_it(configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(configured / "src")
    (job,) = plan.jobs(load(configured), ("net.py::Net",), plan.Wishes(targets=("script",), opset=9))
    assert (job.entry, job.target, job.opset, job.kwargs) == ("src/net.py::Net", "script", None, {"classes": 3})


def test_flagged_models_are_the_classes_that_findings_stand_in() -> None:
    places = [
        ("Net.forward", "a.py"),
        ("Outer.Inner.step", "a.py"),
        ("helper", "a.py"),
        ("Net.head", "a.py"),
        ("", "b.py"),
        ("Net.forward", "b::error::c.py"),
    ]
    assert plan.flagged(places) == ["a.py::Net", "a.py::Outer.Inner"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent.py::Net"], "absent.py does not exist"),
        (["src/net.py"], "write it as"),
        (["--inputs", "x"], "write it as"),
        (["--target", "coreml"], "coreml"),
        (["--opset", "99"], "99"),
        (["--timeout", "0"], "0"),
        (["--findings", "absent.json"], "absent.json cannot be read"),
        (["--config", "absent.toml"], "absent.toml"),
        (["--output-file", "absent/report.txt"], "absent/report.txt"),
    ],
)
def test_mistakes_are_said_in_one_line(
    configured: Path, answered: list, capsys, arguments: list[str], said: str
) -> None:
    assert main(["verify", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("exportlint: error: ")
    assert said in line


def test_without_any_model_the_way_out_is_named(project: Path, answered: list, capsys) -> None:
    assert main(["verify"]) == 2
    assert "--flagged" in capsys.readouterr().err


def test_without_torch_one_line_says_what_to_install(configured: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(cli, "NEEDED", ("surely_absent",))
    assert main(["verify"]) == 2
    assert (
        capsys.readouterr().err
        == 'exportlint: error: exportlint verify needs torch: pip install "exportlint[verify]"\n'
    )


def test_a_failure_is_exit_status_one_unless_asked_otherwise(configured: Path, answered: list[Job], capsys) -> None:
    assert main(["verify", "--no-cache", "--jobs", "2"]) == 1
    assert main(["verify", "--exit-zero"]) == 0
    text = capsys.readouterr().out
    assert "src/net.py::Net  [onnx]  mismatch" in text
    assert "2 |     def forward(self): pass" in text
    assert "\x07" not in text


def test_json_is_the_documented_object(configured: Path, answered: list[Job], capsys) -> None:
    (configured / "findings.json").write_text(
        json.dumps(
            {"findings": [{"rule": "EXL101", "path": "src/net.py", "line": 2, "end_line": 2, "targets": ["onnx"]}]}
        )
    )
    assert main(["verify", "--output-format", "json", "--findings", "findings.json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["findings"][0]["verdict"]) == (1, "confirmed")
    (result,) = document["results"]
    assert set(result) >= {
        *("model", "target", "status", "reason", "path", "line", "rule", "opset", "max_abs", "max_rel"),
        *("inputs_tried", "counterexample", "checks", "seconds"),
    }
    assert result["opset"] == {"asked": 17, "got": 18}


def test_github_commands_are_escaped(configured: Path, answered: list[Job], capsys) -> None:
    assert main(["verify", "--output-format", "github"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("::error file=src/net.py,line=2,title=onnx mismatch EXL101%3A src/net.py%3A%3ANet::")
    assert "%25" in line
    assert "\x07" not in line


def test_sarif_has_a_place_and_a_rule_for_each_failure(configured: Path, answered: list[Job], capsys) -> None:
    assert main(["verify", "--output-format", "sarif"]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "verify/mismatch"
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]) == ("src/net.py", {"startLine": 2})


def test_paths_are_seen_from_the_working_folder(configured: Path, answered: list, capsys, monkeypatch) -> None:
    monkeypatch.chdir(configured / "src")
    assert main(["verify", "--output-format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["results"][0]["path"] == "net.py"


def test_our_own_bug_in_a_worker_is_reported_as_such(configured: Path, answered: list, monkeypatch, capsys) -> None:
    def run(self: Runner, jobs: list[Job], started: object, ended: object) -> list[Result]:
        self.bugs.append("src/net.py::Net onnx\nTraceback: KeyError")
        return [FAILED]

    monkeypatch.setattr(Runner, "run", run)
    assert main(["verify"]) == 3
    assert "KeyError" in capsys.readouterr().err


def test_what_was_inferred_and_checked_is_told(configured: Path, answered: list[Job], monkeypatch, capsys) -> None:
    spec = Spec(kwargs={"heads": "4"}, inputs={"x": "float32[2]"}, arguments="inferred from a", example="inferred in b")
    checks = {"latency": "ok: 1 ms", "coreml": "skipped: coremltools not installed", "frozen": "skipped: not asked for"}
    told = replace(FAILED, status="ok", spec=spec, checks=checks)
    monkeypatch.setattr(Runner, "run", lambda *arguments: [told])
    assert main(["verify"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith(" ")]
    assert lines == [
        "= arguments inferred from a: heads = 4",
        "= inputs inferred in b: x = float32[2]",
        "= coreml: skipped: coremltools not installed",
        "= latency: 1 ms",
    ]


def test_checks_of_the_configuration_and_of_the_command_line(configured: Path) -> None:
    settings = replace(load(configured), checks=("latency",))
    assert plan.jobs(settings, (), plan.Wishes())[0].checks == ("latency",)
    assert plan.jobs(settings, (), plan.Wishes(checks=("frozen",)))[0].checks == ("frozen",)
    assert plan.jobs(load(configured), (), plan.Wishes())[0].checks == ()


def test_a_check_that_does_not_exist_is_a_mistake(configured: Path, answered: list, capsys) -> None:
    assert main(["verify", "--check", "latencey"]) == 2
    assert 'did you mean "latency"' in capsys.readouterr().err


@pytest.mark.parametrize("file", [None, "report.json"])
def test_an_interrupted_run_reports_what_it_has(
    configured: Path, answered: list, capsys, monkeypatch: pytest.MonkeyPatch, file: str | None
) -> None:
    def interrupted(self: Runner, jobs: list[Job], started: object, ended: object) -> list[Result]:
        self._done.append(FAILED)
        raise KeyboardInterrupt

    monkeypatch.setattr(Runner, "run", interrupted)
    to_file = ["--output-file", file] if file else []
    assert main(["verify", "--output-format", "json", *to_file]) == 130
    said = capsys.readouterr()
    assert said.err.strip() == "exportlint: interrupted"
    document = json.loads((configured / file).read_text() if file else said.out)
    assert [result["model"] for result in document["results"]] == ["src/net.py::Net"]
    assert (document["complete"], document["left"]) == (False, 2)
    assert main(["verify"]) == 130
    assert "Not complete: 2 more were to run." in capsys.readouterr().out

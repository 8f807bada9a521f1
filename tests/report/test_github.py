"""Workflow commands: what the runner would read, and that it reads no more than that."""

from pathlib import Path

from exportlint.finding import Problem, Related, Severity
from exportlint.report.github import render
from exportlint.report.view import View
from tests.findings import finding, report


def commands(*findings, problems=(), root: Path | None = None) -> list[str]:
    return render(report(*findings, problems=problems), View(root=root or Path())).splitlines()


def test_a_finding_is_one_command():
    assert commands(finding(related=(Related("src/net.py", 2, "an input"),))) == [
        "::error file=src/net.py,line=3,endLine=3,col=12,endColumn=21,"
        "title=EXL101 data-dependent-branch (trace%2C onnx)"
        "::The branch tests a value that is computed from the input.%0Asrc/net.py:2: an input%0AUse torch.where."
    ]


def test_a_range_of_lines_has_no_columns():
    (line,) = commands(finding(end_line=4))
    assert line.startswith("::error file=src/net.py,line=3,endLine=4,title=")


def test_severities_become_kinds_and_errors_come_first():
    lines = commands(finding(severity=Severity.INFO), finding(severity=Severity.WARNING), finding())
    assert [line.split()[0] for line in lines] == ["::error", "::warning", "::notice"]


def test_a_problem_is_an_error_before_all_others():
    lines = commands(finding(), problems=[Problem("bad.py", 7, "syntax error: x"), Problem("no.py", None, "gone")])
    assert lines[:2] == [
        "::error file=bad.py,line=7,title=exportlint cannot check this file::syntax error: x",
        "::error file=no.py,title=exportlint cannot check this file::gone",
    ]
    assert len(lines) == 3


def test_what_github_would_drop_is_counted_in_one_notice():
    errors = [finding(line=number) for number in range(1, 13)]
    warnings = [finding(line=number, severity=Severity.WARNING, rule="EXL102") for number in range(1, 12)]
    lines = commands(*warnings, *errors)
    assert [line.split()[0] for line in lines] == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"]
    assert lines[-1] == "::notice title=exportlint::3 more are not shown here: EXL101 2 times, EXL102."


def test_ten_of_each_need_no_notice():
    lines = commands(*[finding()] * 10, *[finding(severity=Severity.WARNING)] * 10)
    assert len(lines) == 20
    assert not any(line.startswith("::notice") for line in lines)


def test_nothing_found_says_nothing():
    assert commands() == []


def test_paths_are_those_of_the_repository(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert commands(finding(), root=tmp_path)[0].startswith("::error file=sub/src/net.py,")


def test_hostile_text_starts_no_command_of_its_own():
    evil = "x\r\n::set-output name=a::b\u2028::stop-commands::t\x85%0A##[add-mask]"
    lines = commands(finding(message=evil, help=evil, path="a,col=9::\n::debug::.py", name="n:,\n::x"))
    assert len(lines) == 1
    assert "##[" not in lines[0]
    assert lines[0].count("::") - lines[0].partition(" (trace")[2].count("::") == 1, "properties hold no `::`"

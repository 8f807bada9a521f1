"""`exportlint check`: options, where the report goes, and exit statuses; `check` itself is replaced."""

import io
import json
import sys

import pytest

from exportlint.config import Settings
from exportlint.finding import Problem
from tests.findings import finding, report


def test_by_default_the_folder_is_checked_with_the_defaults(exportlint, check_says, project):
    asked = check_says(report())
    ended = exportlint("check")
    assert (ended.status, ended.out, ended.err) == (0, "Nothing found in 3 files (2 models).\n", "")
    assert asked == [((".",), Settings(project), None, True)]


def test_options_go_over_the_configuration(exportlint, check_says, project):
    (project / "exportlint.toml").write_text('opset = 11\ntargets = ["script"]\nignore = ["EXL001"]\n')
    asked = check_says(report())
    exportlint("check", "a.py", "b", "--target", "onnx", "--target", "trace", "--opset", "18", "--no-cache")
    exportlint("check", "--select", "EXL0,unused-suppression", "--select", "EXL001")
    (paths, settings, _, cache), (_, other, _, _) = asked
    assert (paths, cache) == (("a.py", "b"), False)
    assert (settings.targets, settings.opset, settings.ignore) == (("trace", "onnx"), 18, ("EXL001",))
    assert (other.targets, other.opset, other.select) == (("script",), 11, ("EXL0", "unused-suppression", "EXL001"))


def test_findings_end_with_status_1_unless_asked_otherwise(exportlint, check_says):
    check_says(report(finding()))
    assert exportlint("check").status == 1
    assert exportlint("check", "--exit-zero").status == 0


def test_problems_end_with_status_2_and_hide_no_finding(exportlint, check_says):
    check_says(report(finding(), problems=[Problem("bad.py", 3, "syntax error: x"), Problem("no.py", None, "gone")]))
    ended = exportlint("check", "--exit-zero")
    assert ended.status == 2
    assert ended.err == "exportlint: bad.py:3: syntax error: x\nexportlint: no.py: gone\n"
    assert "Found 1 error" in ended.out


def test_problems_are_in_the_json_too(exportlint, check_says):
    check_says(report(problems=[Problem("bad.py", 3, "syntax error: x")]))
    document = json.loads(exportlint("check", "--output-format", "json").out)
    assert document["problems"] == [{"path": "bad.py", "line": 3, "message": "syntax error: x"}]


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("text", "EXL101 data-"),
        ("json", '{\n  "schema": 1,'),
        ("github", "::error file="),
        ("sarif", '{\n  "$schema":'),
    ],
)
def test_every_format_goes_to_stdout_or_a_file(exportlint, check_says, project, form, start):
    if form == "sarif":
        check_says(report())
    else:
        check_says(report(finding()))
    shown = exportlint("check", "--output-format", form).out
    assert shown.startswith(start)
    ended = exportlint("check", "--output-format", form, "--output-file", "report.out")
    assert ended.out == ""
    assert (project / "report.out").read_text() == shown


def test_a_file_that_cannot_be_written_is_named(exportlint, check_says):
    check_says(report())
    ended = exportlint("check", "--output-file", "nowhere/report.txt")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == (
        "exportlint: error: --output-file nowhere/report.txt: cannot be written: No such file or directory\n"
    )


def test_statistics_stand_in_for_the_text_and_beside_other_formats(exportlint, check_says):
    check_says(report(finding(), finding()))
    counted = "     2  EXL101  data-dependent-branch\n"
    assert exportlint("check", "--statistics").out == counted
    ended = exportlint("check", "--statistics", "--output-format", "json")
    assert len(json.loads(ended.out)["findings"]) == 2
    assert ended.err == counted


def test_standard_input_is_read_under_the_name_given(exportlint, check_says, monkeypatch):
    asked = check_says(report(finding(line=1, column=1, end_column=2, path="src/net.py")))
    source = "é = 1\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + source.encode())))
    ended = exportlint("check", "-", "--stdin-filename", "src/net.py")
    assert asked[0][0] == ()
    assert asked[0][2] == ("src/net.py", source)
    assert "1 | é = 1\n" in ended.out


def test_standard_input_that_is_no_text_is_named(exportlint, check_says, monkeypatch):
    check_says(report())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x = '\xe9'")))
    ended = exportlint("check", "-", "--stdin-filename", "src/net.py")
    assert ended == type(ended)(2, "", "exportlint: error: src/net.py: standard input is not UTF-8 (byte 5)\n")


def test_standard_input_takes_no_other_path(exportlint):
    ended = exportlint("check", "-", "a.py")
    assert ended.status == 2
    assert ended.err == "exportlint: error: - reads source from standard input and takes no other path\n"


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (
            ["--target", "onx"],
            "Invalid value for '--target': 'onx' is not one of 'trace', 'script', 'export', 'onnx', 'onnx-ts'.",
        ),
        (["--opset", "6"], "Invalid value for '--opset': 6 is not in the range 7<=x<=25."),
        (["--opset", "new"], "Invalid value for '--opset': 'new' is not a valid integer range."),
        (["--select", "EXL9"], '--select: no rule "EXL9"'),
        (
            ["--ignore", "unused-supression"],
            '--ignore: no rule "unused-supression" (did you mean "unused-suppression"?)',
        ),
        (["--config", "gone.toml"], "gone.toml: cannot be read: No such file or directory"),
        (["--statistic"], "No such option '--statistic'"),
    ],
)
def test_a_wrong_option_is_answered_in_one_line(exportlint, arguments, answer):
    ended = exportlint("check", *arguments)
    assert ended.status == 2
    assert ended.err.startswith(f"exportlint: error: {answer}")
    assert ended.err.count("\n") == 1


def test_an_unknown_rule_in_the_configuration_is_named_with_its_key(exportlint, project):
    (project / "exportlint.toml").write_text('ignore = ["EXL9"]\n')
    assert exportlint("check").err.startswith('exportlint: error: exportlint.toml: ignore: no rule "EXL9"')


def test_the_log_of_a_ci_runner_is_given_no_commands(exportlint, check_says, project, monkeypatch):
    (project / "net.py").write_text("x = 1  # ##[add-mask]x\n")
    problems = [Problem("bad\n::error::.py", None, "##[group]")]
    check_says(report(finding(line=1, column=1, end_column=2, path="net.py"), problems=problems))
    assert "##[add-mask]" in exportlint("check").out
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    ended = exportlint("check")
    assert "# # #[add-mask]x" in ended.out
    assert "##[" not in ended.out + ended.err
    assert not any(line.lstrip().startswith("::") and "error" in line for line in (ended.out + ended.err).splitlines())


def test_names_that_are_not_text_do_not_break_the_output(exportlint, check_says):
    check_says(report(finding(path="caf\udce9.py"), problems=[Problem("caf\udce9.py", None, "x")]))
    for form in ("text", "json", "github"):
        assert "caf\\udce9.py" in exportlint("check", "--output-format", form).out

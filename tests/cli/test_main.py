"""The command itself: what it loads, and the three ways an error ends."""

import os
import re
import subprocess
import sys

import pytest

from exportlint import __version__
from tests.findings import finding, report


def test_version_and_help(exportlint):
    assert exportlint("--version").out == f"exportlint {__version__}\n"
    for arguments in ([], ["--help"], ["-h"]):
        ended = exportlint(*arguments)
        assert ended.status == 0
        assert all(f"\n  {name} " in ended.out for name in ("check", "explain", "rules", "verify"))
    assert "--output-format" in exportlint("check", "--help").out


@pytest.mark.parametrize(
    ("word", "answer"),
    [("chek", 'no command "chek" (did you mean "check"?)'), ("bug", 'no command "bug"'), ("../x", 'no command "../x"')],
)
def test_an_unknown_command_is_answered_in_one_line(exportlint, word, answer):
    ended = exportlint(word)
    assert (ended.status, ended.err) == (2, f"exportlint: error: {answer}\n")


def test_our_bug_ends_with_status_3_and_a_report_to_paste(exportlint, monkeypatch, project):
    def broken(*_, **__):
        raise ZeroDivisionError("at src/net.py:7")

    monkeypatch.setattr("exportlint.check.check", broken)
    monkeypatch.setenv("HOME", str(project))
    ended = exportlint("check", str(project / "a b.py"))
    assert ended.status == 3
    assert "ZeroDivisionError: at src/net.py:7" in ended.err
    assert f"exportlint {__version__}, Python 3." in ended.err
    assert "command: exportlint check '~/a b.py'" in ended.err
    assert str(project) not in ended.err


def test_an_interruption_ends_with_status_130(exportlint, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("exportlint.check.check", interrupted)
    ended = exportlint("check")
    assert ended.status == 130
    assert ended.err.strip() == "exportlint: interrupted"


def test_options_are_not_looked_up_as_commands(exportlint):
    ended = exportlint("--loud")
    assert (ended.status, ended.err) == (2, "exportlint: error: No such option '--loud'.\n")


def _loaded(*arguments: str) -> set[str]:
    """The modules that are loaded after a command has run in a process of its own."""
    code = (
        f"import sys; from exportlint.cli.main import main; main({list(arguments)!r}); print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_version_loads_next_to_nothing():
    loaded = _loaded("--version")
    assert "click" in loaded
    assert not loaded & {"libcst", "rich", "pathspec", "tomllib", "exportlint.check", "exportlint.rule"}


def test_a_plain_check_loads_neither_rich_nor_torch(project):
    (project / "net.py").write_text(
        "from torch import nn\nclass Net(nn.Module):\n    def forward(self, x):\n        return x\n"
    )
    loaded = _loaded("check", "net.py", "--no-cache")
    assert "exportlint.check" in loaded
    assert not loaded & {"torch", "onnx", "onnxruntime", "numpy", "rich", "libcst"}


def test_version_answers_at_once():
    def seconds() -> float:
        """Processor time, which other work on the machine does not stretch."""
        before = os.times()
        subprocess.run([sys.executable, "-m", "exportlint", "--version"], check=True, capture_output=True)
        after = os.times()
        return after.children_user - before.children_user + after.children_system - before.children_system

    assert min(seconds() for _ in range(5)) < 0.3  # 0.05 s on the machine where this was written


def test_a_reader_that_goes_away_is_no_bug(project):
    (project / "net.py").write_text("x = 1\n")
    command = f"{sys.executable} -m exportlint rules --output-format json | true"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr


def test_the_module_runs_like_the_script(project):
    done = subprocess.run([sys.executable, "-m", "exportlint", "chek"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'exportlint: error: no command "chek" (did you mean "check"?)\n'


def test_a_terminal_gets_colour_and_is_wrapped_to_its_width(exportlint, check_says, monkeypatch):
    check_says(report(finding(message="word " * 40)))
    monkeypatch.setattr("exportlint.cli.output._on_terminal", lambda _: True)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    ended = exportlint("check")
    assert "\x1b[1;31m" in ended.out
    assert ended.out.count("\n    word word") == 3
    assert max(len(re.sub("\x1b.*?m", "", line)) for line in ended.out.splitlines()) <= 60

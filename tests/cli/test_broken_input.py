"""Broken input of every kind: one clear line, the right exit status, and the findings of other files still shown."""

import json
import os
import subprocess
import sys

import pytest

GOOD = """\
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x
"""


@pytest.fixture
def checked(project, exportlint):
    """Checks `project`, in which a good file stands beside whatever the test has put there."""
    (project / "good.py").write_text(GOOD)

    def run(*paths: str):
        ended = exportlint("check", *(paths or (".",)), "--output-format", "json", "--no-cache")
        return ended, json.loads(ended.out)

    return run


BROKEN = {
    "a syntax error": (b"x = 1\ndef f(:\n    pass\n", ":2: syntax error: invalid syntax"),
    "indentation": (
        b"def f():\nreturn 1\n",
        ":2: syntax error: expected an indented block after function definition on line 1",
    ),
    "latin-1 without a coding line": (b"x = 1\ny = '\xe9'\n", ":2: not valid text: "),
    "an unknown coding line": (b"# coding: klingon\n", ":1: not valid text: unknown encoding: klingon"),
    "null bytes": (b"x = 1\n\0\n", "cannot contain null bytes"),
    "3,000 nested parentheses": (b"x = " + b"(" * 3_000 + b")" * 3_000 + b"\n", "too many nested parentheses"),
    "deep nesting of operators": (b"x = " + b"-" * 100_000 + b"1\n", "nested too deeply to be parsed"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_does_not_parse_is_one_line_and_status_2(checked, project, kind):
    data, answer = BROKEN[kind]
    (project / "broken.py").write_bytes(data)
    ended, document = checked()
    assert ended.status == 2
    assert ended.err.startswith("exportlint: broken.py:")
    assert answer in ended.err
    assert ended.err.count("\n") == 1
    assert [problem["path"] for problem in document["problems"]] == ["broken.py"]
    assert {finding["path"] for finding in document["findings"]} == {"good.py"}
    assert document["files"] == 2


FINE = {
    "latin-1 with a coding line": b"# coding: latin-1\nx = '\xe9'\n",
    "a byte order mark": b"\xef\xbb\xbfx = 1\n",
    "Windows line ends": b"x = 1\r\ny = 2\r\n",
    "a huge line": b"x = [" + b"1, " * 100_000 + b"]\n",
    "nothing": b"",
    "no line end": b"x = 1",
}


@pytest.mark.parametrize("kind", FINE)
def test_an_unusual_file_is_no_problem(checked, project, kind):
    (project / "unusual.py").write_bytes(FINE[kind])
    ended, document = checked()
    assert (ended.status, ended.err, document["problems"], document["files"]) == (1, "", [], 2)


def test_findings_in_a_file_with_a_byte_order_mark_stand_at_their_columns(checked, project):
    (project / "good.py").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    _, document = checked("good.py")
    assert [(finding["line"], finding["column"]) for finding in document["findings"]] == [(6, 12)]


def test_a_long_chain_of_operators_neither_crashes_nor_hangs(checked, project):
    (project / "long.py").write_text(GOOD.replace("return -x", f"return x{' + 1' * 2_000}"))
    ended, document = checked()
    assert ended.status == 1
    assert {finding["path"] for finding in document["findings"]} == {"good.py", "long.py"}


def test_paths_that_are_not_there(checked, project):
    (project / "dangling.py").symlink_to("gone.py")
    (project / "folder.py").mkdir()
    ended, document = checked("nowhere.py", "dangling.py", "folder.py", "good.py")
    assert ended.status == 2
    assert ended.err == (
        "exportlint: dangling.py: cannot be read: No such file or directory (a symbolic link to gone.py)\n"
        "exportlint: nowhere.py: cannot be read: No such file or directory\n"
    )
    assert len(document["findings"]) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission(checked, project):
    (project / "locked.py").write_text("x = 1\n")
    (project / "locked.py").chmod(0)
    ended, _ = checked()
    assert (ended.status, ended.err) == (2, "exportlint: locked.py: cannot be read: Permission denied\n")


def test_a_file_that_the_system_refuses(checked, project, monkeypatch):
    (project / "locked.py").write_text("x = 1\n")
    read = type(project).read_bytes

    def refusing(path):
        if path.name == "locked.py":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(type(project), "read_bytes", refusing)
    ended, document = checked()
    assert (ended.status, ended.err) == (2, "exportlint: locked.py: cannot be read: Permission denied\n")
    assert len(document["findings"]) == 1


CONFIGURATIONS = {
    "broken TOML": ("opset = \n", "exportlint.toml: is not valid TOML: "),
    "an unknown key": ("target = ['onnx']\n", 'exportlint.toml: target: unknown key (did you mean "targets"?)'),
    "a wrong type": ("opset = '18'\n", "exportlint.toml: opset: must be a whole number, not a string"),
    "an entry that does not exist": (
        "[[models]]\nentry = 'gone.py::Net'\n",
        'exportlint.toml: models[1].entry: "gone.py" does',
    ),
}


@pytest.mark.parametrize("kind", CONFIGURATIONS)
def test_a_broken_configuration_is_one_line_and_status_2(exportlint, project, kind):
    text, answer = CONFIGURATIONS[kind]
    (project / "exportlint.toml").write_text(text)
    ended = exportlint("check")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(f"exportlint: error: {answer}")
    assert ended.err.count("\n") == 1


def test_statuses_are_those_of_the_process(project):
    (project / "good.py").write_text(GOOD)
    (project / "broken.py").write_text("def f(:\n")
    (project / "plain.py").write_text("x = 1\n")

    def status(*paths: str) -> int:
        command = [sys.executable, "-m", "exportlint", "check", "--no-cache", *paths]
        return subprocess.run(command, capture_output=True, check=False).returncode

    assert [status("plain.py"), status("good.py"), status("broken.py"), status("good.py", "gone.py")] == [0, 1, 2, 2]

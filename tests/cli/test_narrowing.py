"""Baselines and changed lines: an old code base starts green, and stays so until somebody adds to it."""

import json
import shutil
import subprocess

import pytest

NET = """\
from torch import nn


class {name}(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x
"""


@pytest.fixture
def known(project, exportlint):
    """A project with one finding, which its baseline has."""
    (project / "net.py").write_text(NET.format(name="Net"))
    ended = exportlint("check", "--no-cache", "--write-baseline", "known.json")
    assert (ended.status, ended.out) == (0, "")
    assert "wrote 1 finding to known.json" in ended.err
    return project


def found(exportlint, *options: str) -> list[tuple[str, int]]:
    ended = exportlint("check", "--no-cache", "--output-format", "json", *options)
    findings = json.loads(ended.out)["findings"]
    assert ended.status == (1 if findings else 0)
    return [(finding["path"], finding["line"]) for finding in findings]


def test_what_the_baseline_has_is_left_out_wherever_its_line_moves(known, exportlint):
    assert found(exportlint, "--baseline", "known.json") == []
    (known / "net.py").write_text("# one\n# more\n\n" + NET.format(name="Net"))
    assert found(exportlint, "--baseline", "known.json") == []
    assert found(exportlint) == [("net.py", 9)]


def test_what_is_new_is_found(known, exportlint):
    (known / "net.py").write_text(NET.format(name="Net") + "\n\n" + NET.format(name="Other"))
    assert found(exportlint, "--baseline", "known.json") == [("net.py", 16)]


def test_a_second_line_like_a_known_one_is_new(known, exportlint):
    twice = "        if x.sum() > 0:\n            return x\n"
    (known / "net.py").write_text(NET.format(name="Net").replace(twice, twice * 2))
    assert found(exportlint, "--baseline", "known.json") == [("net.py", 8)]


def test_the_configuration_names_the_baseline_relative_to_itself(known, exportlint, monkeypatch):
    (known / "exportlint.toml").write_text('baseline = "known.json"\n')
    assert found(exportlint) == []
    (known / "sub").mkdir()
    monkeypatch.chdir(known / "sub")
    ended = exportlint("check", "--no-cache", "..")
    assert (ended.status, ended.out) == (0, "Nothing found in 1 file (1 model). 1 of the baseline left out.\n")


def test_a_baseline_is_written_whatever_the_one_before_says(known, exportlint):
    (known / "exportlint.toml").write_text('baseline = "known.json"\n')
    before = (known / "known.json").read_text()
    assert exportlint("check", "--no-cache", "--write-baseline", "known.json").status == 0
    assert (known / "known.json").read_text() == before


@pytest.mark.parametrize(
    "text", [None, "", "[]", "{}", '{"schema": 2, "findings": []}', '{"schema": 1, "findings": [1]}']
)
def test_what_is_no_baseline_is_said_in_one_line(known, exportlint, text):
    if text is not None:
        (known / "wrong.json").write_text(text)
    ended = exportlint("check", "--baseline", "wrong.json")
    assert ended.status == 2
    assert ended.err.startswith("exportlint: error: --baseline wrong.json: ")
    assert ended.err.count("\n") == 1


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_only_findings_on_changed_lines(tmp_path, exportlint, project):
    def git(*words: str) -> None:
        who = ("-c", "user.name=tests", "-c", "user.email=tests@localhost")
        subprocess.run(["git", *who, *words], cwd=project, check=True, capture_output=True)

    (project / ".git").rmdir()
    git("init", "--quiet")
    (project / "net.py").write_text(NET.format(name="Net"))
    git("add", "net.py")
    git("commit", "--quiet", "--message", "one")
    assert found(exportlint, "--changed-since", "HEAD") == []
    (project / "net.py").write_text("# above\n" + NET.format(name="Net"))
    (project / "new.py").write_text(NET.format(name="New"))
    assert found(exportlint, "--changed-since", "HEAD") == [("new.py", 6)]
    ended = exportlint("check", "--no-cache", "net.py", "--changed-since", "HEAD")
    assert ended.out == "Nothing found in 1 file (1 model). 1 on unchanged lines left out.\n"
    (project / "net.py").write_text(NET.format(name="Net").replace("sum", "mean"))
    assert found(exportlint, "--changed-since", "HEAD") == [("net.py", 6), ("new.py", 6)]


def test_a_place_that_belongs_to_a_finding_may_be_what_changed(tmp_path, exportlint, project):
    """The number is taken out of the tensor in one line and used in another."""
    (project / ".git").rmdir()
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    lines = ["from torch import nn", "", "", "class Net(nn.Module):", "    def forward(self, x):"]
    lines += ["        total = {}", "        if total > 0:", "            return x", "        return -x", ""]
    text = "\n".join(lines)
    (project / "net.py").write_text(text.format("1"))
    who = ("-c", "user.name=tests", "-c", "user.email=tests@localhost")
    subprocess.run(["git", "add", "net.py"], cwd=project, check=True)
    subprocess.run(["git", *who, "commit", "--quiet", "--message", "one"], cwd=project, check=True)
    (project / "net.py").write_text(text.format("x.sum().item()"))
    assert ("net.py", 7) in found(exportlint, "--changed-since", "HEAD")


def test_fixes_take_all_lines(known, exportlint):
    ended = exportlint("check", "--fix", "--changed-since", "HEAD")
    assert (ended.status, ended.err.count("\n")) == (2, 1)

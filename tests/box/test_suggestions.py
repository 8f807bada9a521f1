"""Fixes that the comment's workflow suggests in a review, on the lines of the pull request's diff."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.box.conftest import PROJECT
from tests.box.github import (
    NAME,
    SUGGESTION,
    GitHub,
    Links,
    document,
    post,
    zipped,
)


def test_fixes_are_suggested_once_on_the_lines_of_the_diff(github: GitHub, tmp_path: Path) -> None:
    elsewhere = [{**SUGGESTION, "line": 14, "end_line": 15}, {**SUGGESTION, "line": 2, "end_line": 9}]
    other_files = [{**SUGGESTION, "path": path} for path in ("data.bin", "../net.py")]
    github.packed = zipped({NAME: document(suggestions=[SUGGESTION, *elsewhere, *other_files])})
    assert post(github, tmp_path).returncode == 0
    assert [path for _, path, _ in github.written] == [
        "/repos/owner/repo/issues/3/comments",
        "/repos/owner/repo/pulls/3/reviews",
    ]
    (made,) = github.reviewed
    assert (made["path"], made["side"], made["start_line"], made["line"]) == ("src/net.py", "RIGHT", 12, 13)
    assert f"```suggestion\n{SUGGESTION['text']}\n```\n" in made["body"]
    post(github, tmp_path)
    assert len(github.reviewed) == 1


def test_a_hostile_suggestion_is_lines_of_code_and_nothing_else(github: GitHub, tmp_path: Path) -> None:
    cmarkgfm = pytest.importorskip("cmarkgfm")
    text = "x\n```\n@everyone <img src=x>\n`````\n[x](http:y)\n~~~\n"
    github.packed = zipped({NAME: document(suggestions=[{**SUGGESTION, "text": text}])})
    assert post(github, tmp_path).returncode == 0
    page = Links(cmarkgfm.github_flavored_markdown_to_html(github.reviewed[0]["body"]))
    assert page.elements == {"p", "pre", "code"}
    assert "everyone" not in page.loose


def test_the_fix_of_a_finding_is_left_as_whole_lines(tmp_path: Path) -> None:
    source = "import torch\n\n\ndef f(x):\n    a = len(\n        x,\n    )\n    return a\n"
    (tmp_path / "net.py").write_text(source)
    edits = [
        {"path": "net.py", "line": 5, "column": 9, "end_line": 7, "end_column": 6, "text": "x.shape[0]"},
        {"path": "net.py", "line": 8, "column": 12, "end_line": 8, "end_column": 13, "text": "a + 0"},
    ]
    finding = {"rule": "EXL402", "fix": {"message": "m", "safe": True, "edits": edits}}
    outside = {"rule": "EXL402", "fix": {"message": "m", "safe": True, "edits": [{**edits[0], "path": "gone.py"}]}}
    code = "import json, suggest, sys; print(json.dumps(suggest.suggestions(json.load(sys.stdin))))"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join((str(PROJECT), str(PROJECT / "action")))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps([finding, {"rule": "EXL101", "fix": None}, outside, finding]),
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    text = "    a = x.shape[0]\n    return a + 0"
    expected = {"rule": "EXL402", "safe": True, "path": "net.py", "line": 5, "end_line": 8, "text": text}
    assert json.loads(done.stdout) == [expected]

"""The comment on a pull request: what one workflow leaves, another posts, though all that was left may be hostile."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.box.github import (
    FINDING,
    NAME,
    RESULT,
    RUN,
    SHA,
    SUGGESTION,
    GitHub,
    Links,
    document,
    post,
    zipped,
)

EVIL = "@everyone a@b.com #1 GH-1 http://x.com www.x.com [x](http:y) <img src=x> `c` ``` | \\| \\ ]] --> & ![](z) *b*"


def test_posts_once_and_changes_it_after(github: GitHub, tmp_path: Path) -> None:
    done = post(github, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    ((method, path, body),) = github.written
    assert (method, path) == ("POST", "/repos/owner/repo/issues/3/comments")
    assert f'href="https://github.com/stranger/fork/blob/{SHA}/src/net.py#L12"' in body
    assert github.tokens_at_the_store == [None]
    github.comments += [
        {"id": 1, "user": {"login": "stranger"}, "body": body},
        {"id": 2, "user": {"login": "github-actions[bot]"}, "body": f"> {body}"},
        {"id": 4, "user": {"login": "github-actions[bot]"}, "body": body},
    ]
    post(github, tmp_path)
    assert github.written[1][:2] == ("PATCH", "/repos/owner/repo/issues/comments/4")


def test_says_nothing_where_there_is_nothing_to_say(github: GitHub, tmp_path: Path) -> None:
    nothing = document(total={"findings": 0, "exports": 2, "failed": 0}, findings=[], results=[])
    github.packed = zipped({"exportlint-comment.json": nothing})
    assert post(github, tmp_path).returncode == 0
    github.packed = b""
    assert post(github, tmp_path).returncode == 0
    assert github.written == []


@pytest.mark.parametrize(
    "head", [{"sha": "b" * 40, "repo": {"id": 5}}, {"sha": SHA, "repo": {"id": 6}}, {"sha": SHA, "repo": None}]
)
def test_another_pull_request_is_left_alone(github: GitHub, tmp_path: Path, head: dict[str, Any]) -> None:
    github.pulls = [{"number": 3, "head": head}]
    assert post(github, tmp_path).returncode == 0
    assert github.written == []


def test_another_event_is_refused(github: GitHub, tmp_path: Path) -> None:
    for event in ({"pull_request": {}}, {"workflow_run": {**RUN, "event": "push"}}):
        assert post(github, tmp_path, event).returncode == 2
    assert github.written == []


BROKEN = {
    "no archive": b"PK no",
    "another file": zipped({"../../x": b"{}"}),
    "two files": zipped({NAME: document(), "y": b""}),
    "a bomb": zipped({NAME: b" " * 30_000_000}),
    "no JSON": zipped({NAME: b"\xff"}),
    "deep": zipped({NAME: b"[" * 200_000}),
    "twice": zipped({NAME: b'{"schema": 1, ' + document()[1:]}),
    "NaN": zipped({NAME: document(schema=float("nan"))}),
    "a list": zipped({NAME: b"[]"}),
    "unknown key": zipped({NAME: document(pull_request=4)}),
    "totals": zipped({NAME: document(total={"findings": "1</h3>", "exports": 0, "failed": 0})}),
    "true": zipped({NAME: document(schema=True)}),
    "rule": zipped({NAME: document(findings=[{**FINDING, "rule": "EXL101\n@all"}])}),
    "severity": zipped({NAME: document(findings=[{**FINDING, "severity": ["error"]}])}),
    "line": zipped({NAME: document(findings=[{**FINDING, "line": 10**30}])}),
    "message": zipped({NAME: document(findings=[{**FINDING, "message": "x" * 401}])}),
    "control": zipped({NAME: document(findings=[{**FINDING, "message": "\u202e"}])}),
    "many": zipped({NAME: document(findings=[FINDING] * 41)}),
    "target": zipped({NAME: document(results=[{**RESULT, "target": "@all"}])}),
    "suggestion": zipped({NAME: document(suggestions=[{**SUGGESTION, "commit_id": "b" * 40}])}),
    "suggested direction": zipped({NAME: document(suggestions=[{**SUGGESTION, "text": "a\u2066b"}])}),
    "suggested novel": zipped({NAME: document(suggestions=[{**SUGGESTION, "text": "x\n" * 50}])}),
    "encrypted": zipped({NAME: document()}).replace(b"\x14\x00\x00\x00\x08\x00", b"\x14\x00\x01\x00\x08\x00"),
    "packed otherwise": zipped({NAME: document()}, zipfile.ZIP_LZMA),
    "spoilt": zipped({NAME: document()})[:60] + b"\xff" * 9 + zipped({NAME: document()})[69:],
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_ours_is_refused(github: GitHub, tmp_path: Path, name: str) -> None:
    github.packed = BROKEN[name]
    done = post(github, tmp_path)
    assert (done.returncode, github.written) == (2, []), done.stdout + done.stderr
    assert done.stdout.startswith("::error ")
    assert done.stderr == ""


def test_hostile_text_stays_text_in_github_s_own_markdown(github: GitHub, tmp_path: Path) -> None:
    cmarkgfm = pytest.importorskip("cmarkgfm")
    finding = {**FINDING, "path": EVIL, "message": EVIL, "help": EVIL}
    outside = {**FINDING, "path": "../../../../evil"}
    result = {**RESULT, "model": EVIL, "reason": EVIL, "path": EVIL, "line": 1}
    github.packed = zipped({NAME: document(findings=[finding, outside], results=[result])})
    done = post(github, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    body = github.written[0][2]
    assert not set("@`|*[") & set(body)
    page = Links(cmarkgfm.github_flavored_markdown_to_html(body, cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE))
    assert page.elements == {"h3", "p", "ul", "li", "a", "code", "wbr"}
    assert len(page.addresses) == 2
    assert all(address.startswith(f"https://github.com/stranger/fork/blob/{SHA}/") for address in page.addresses)
    assert not any(part in page.loose for part in ("everyone", "x.com", "b.com"))


def test_a_full_comment_fits(github: GitHub, tmp_path: Path) -> None:
    long = "@" * 400
    finding, result = {**FINDING, "message": long, "help": long}, {**RESULT, "reason": long, "model": long}
    github.packed = zipped({NAME: document(findings=[finding] * 40, results=[result] * 40)})
    assert post(github, tmp_path).returncode == 0
    assert len(github.written[0][2]) < 65_536
    assert github.written[0][2].endswith("summary.")

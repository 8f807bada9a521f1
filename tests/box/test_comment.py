"""The comment on a pull request: what one workflow leaves, another posts, though all that was left may be hostile."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.box.conftest import PROJECT

SHA = "a" * 40
RUN = {
    "id": 7,
    "event": "pull_request",
    "head_sha": SHA,
    "head_branch": "topic",
    "head_repository": {"id": 5, "full_name": "stranger/fork", "owner": {"login": "stranger"}},
}
FINDING = {
    "rule": "EXL101",
    "severity": "error",
    "path": "src/net.py",
    "line": 12,
    "message": "a branch",
    "help": "use torch.where",
}
RESULT = {
    "model": "net.py::Net",
    "target": "onnx",
    "status": "mismatch",
    "path": None,
    "line": None,
    "reason": "differs",
}
DOCUMENT = {
    "schema": 1,
    "total": {"findings": 1, "exports": 2, "failed": 1},
    "findings": [FINDING],
    "results": [RESULT],
}
EVIL = "@everyone a@b.com #1 GH-1 http://x.com www.x.com [x](http:y) <img src=x> `c` ``` | \\| \\ ]] --> & ![](z) *b*"


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


class GitHub(ThreadingHTTPServer):
    """As much of GitHub's API as the comment needs; `written` are the requests that change something."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.packed = zipped({"exportlint-comment.json": json.dumps(DOCUMENT).encode()})
        self.pulls = [{"number": 3, "head": {"sha": SHA, "repo": {"id": 5}}}]
        self.comments: list[dict[str, Any]] = []
        self.written: list[tuple[str, str, str]] = []
        self.tokens_at_the_store: list[str | None] = []


class _Handler(BaseHTTPRequestHandler):
    server: GitHub

    def do_GET(self) -> None:
        path = self.path.removeprefix("/repos/owner/repo").partition("?")[0]
        if path == "/actions/artifacts/9/zip":
            self.send_response(302)
            self.send_header("Location", f"{self.server.address}/store")
            self.end_headers()
        elif path == "/store":
            self.server.tokens_at_the_store.append(self.headers["Authorization"])
            self._answer(self.server.packed)
        else:
            answers = {
                "/actions/runs/7/artifacts": {"artifacts": [{"id": 9}] if self.server.packed else []},
                "/pulls": self.server.pulls,
                "/issues/3/comments": self.server.comments,
            }
            self._answer(json.dumps(answers[path]).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
        self.server.written.append((self.command, self.path, body))
        self._answer(b"{}")

    do_PATCH = do_POST  # noqa: N815

    def _answer(self, data: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *words: object) -> None:
        """Nothing."""


@pytest.fixture
def github() -> Iterator[GitHub]:
    server = GitHub()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def post(github: GitHub, folder: Path, event: dict[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
    (folder / "event.json").write_text(json.dumps(event or {"workflow_run": RUN}))
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(PROJECT),
        "GITHUB_API_URL": github.address,
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "owner/repo",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "INPUT_ARTIFACT": "exportlint-comment",
        "INPUT_TOKEN": "secret",
    }
    command = [sys.executable, str(PROJECT / "action" / "post.py")]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


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
    nothing = {"schema": 1, "total": {"findings": 0, "exports": 2, "failed": 0}, "findings": [], "results": []}
    github.packed = zipped({"exportlint-comment.json": json.dumps(nothing).encode()})
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


def document(**changed: object) -> bytes:
    return json.dumps({**DOCUMENT, **changed}).encode()


NAME = "exportlint-comment.json"
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
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_ours_is_refused(github: GitHub, tmp_path: Path, name: str) -> None:
    github.packed = BROKEN[name]
    done = post(github, tmp_path)
    assert (done.returncode, github.written) == (2, []), done.stdout + done.stderr
    assert done.stdout.startswith("::error ")
    assert done.stderr == ""


class Links(HTMLParser):
    """The elements of a page and the addresses in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.addresses: list[str | None] = []
        self.loose = ""
        self._inside = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.addresses += [value for name, value in attrs]
        self._inside += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.loose += data


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

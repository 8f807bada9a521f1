"""As much of GitHub as the workflow that comments needs: its API, an artifact, and its Markdown."""

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

ACTION = Path(__file__).parents[2]
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
    "suggestions": [],
}
SUGGESTION = {
    "rule": "EXL402",
    "safe": True,
    "path": "src/net.py",
    "line": 12,
    "end_line": 13,
    "text": "        n = x.shape[0]\n        m = 3",
}
PATCH = "@@ -1,3 +1,2 @@\n a\n-b\n c\n@@ -9,2 +9,6 @@ def forward(self, x):\n a\n+b\n+c\n+d\n+e\n f"


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
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
        self.files = [{"filename": "src/net.py", "patch": PATCH}, {"filename": "data.bin"}]
        self.reviewed: list[dict[str, Any]] = []
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
                "/pulls/3/files": self.server.files,
                "/pulls/3/comments": self.server.reviewed,
            }
            self._answer(json.dumps(answers[path]).encode())

    def do_POST(self) -> None:
        values = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.written.append((self.command, self.path, values["body"]))
        if self.path.endswith("/reviews"):
            assert (values["commit_id"], values["event"]) == (SHA, "COMMENT")
            author = {"login": "github-actions[bot]"}
            self.server.reviewed += [{**comment, "user": author} for comment in values["comments"]]
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
        "PYTHONPATH": str(ACTION),
        "GITHUB_API_URL": github.address,
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "owner/repo",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "INPUT_ARTIFACT": "exportlint-comment",
        "INPUT_SUGGESTIONS": "true",
        "INPUT_TOKEN": "secret",
    }
    command = [sys.executable, str(ACTION / "action" / "post.py")]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def document(**changed: object) -> bytes:
    return json.dumps({**DOCUMENT, **changed}).encode()


NAME = "exportlint-comment.json"


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

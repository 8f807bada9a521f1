"""Every attack is played for real; none succeeds where it is said to be stopped, and nothing is left behind."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from exportlint.report import (
    verify_github,
    verify_gitlab,
    verify_html,
    verify_json,
    verify_junit,
    verify_sarif,
    verify_text,
)
from exportlint.report.view import View
from exportlint.verify.contract import Attached, Job, Result
from exportlint.verify.isolation import sandbox as module
from exportlint.verify.isolation.sandbox import Launch, Sandbox
from exportlint.verify.running.runner import Runner
from tests.attacks.table import ATTACKS, HERE, PATCHING

FORMATS = (verify_github, verify_gitlab, verify_html, verify_json, verify_junit, verify_sarif, verify_text)
FILES = ("attack", "exhausting", "forging", "play", "reaching")
MEMORY = 512 * 2**20  # bytes for a container: enough for Python, and soon used up
CANARY = "CANARY-of-the-tests"
LINUX = tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])


@dataclass(frozen=True)
class Noting(Sandbox):
    """Notes the names of its containers and the folders of its processes."""

    noted: tuple[list[Launch], ...] = ([],)

    def launch(self, root: Path) -> Launch:
        launch = super().launch(root)
        self.noted[0].append(launch)
        return launch


@dataclass(frozen=True)
class Played:
    """The result of each attack, by name, and what was launched for them."""

    results: dict[str, Result]
    launches: list[Launch]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hostile checkout, which holds the attacks, and what no attack may read or change."""
    root = tmp_path_factory.mktemp("workspace")
    for name in FILES:
        shutil.copy(HERE / f"{name}.py", root)
    (root / "answer.json").write_text(json.dumps(Result("", "trace", "mismatch").to_answer()))
    (root / "net.py").write_text("its own\n")
    (root / "waits.py").write_text("x")
    (root / "a\n::error::\x1b[2J\u2028.py").write_text("x")
    (root / "link.py").symlink_to("/etc/passwd")
    (root / "circle").symlink_to("circle")
    module = tmp_path_factory.mktemp("module")
    (module / "token").write_text(CANARY)
    commit(module)
    git(root, "init", "--quiet")
    git(root, "submodule", "--quiet", "add", str(module), "module")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "attacks")
    git(root, "config", "http.extraheader", f"AUTHORIZATION: basic {CANARY}")
    (root / "waits.py").unlink()
    os.mkfifo(root / "waits.py")
    (root / ".env").write_text(CANARY)
    return root


def commit(folder: Path) -> None:
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=tests", "-c", "user.email=tests@localhost", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def play(sandbox: Noting, root: Path, here: tuple[str, ...], patch: pytest.MonkeyPatch) -> Played:
    """Plays all attacks that this kind of sandbox stops; `here` is the program in the place of a worker."""
    patch.setattr(module, "_WORKER", here)
    patch.setenv("GITHUB_TOKEN", CANARY)
    names = stopped_by(sandbox.kind)
    jobs = [Job(f"play.py::{name}", str(root), "trace", seconds=ATTACKS[name].seconds) for name in names]
    before = contents(root)
    with sandbox.prepared(root) as ready:
        results = Runner(ready, 2).run(jobs, lambda job: None, lambda result: None)
    assert contents(root) == before
    assert not [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"left-behind-by-an-attack" in read(path)]
    return Played({result.model.partition("::")[2]: result for result in results}, sandbox.noted[0])


def stopped_by(box: str) -> list[str]:
    """The attacks that this kind of sandbox stops here. What stops them may say since which Linux it does."""
    names = []
    for attack in ATTACKS.values():
        needs = re.search(r"Linux (\d+)\.(\d+)", attack.stopped.get(box, ""))
        if box in attack.stopped and (needs is None or tuple(map(int, needs.groups())) <= LINUX):
            names.append(attack.name)
    return names


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the process is gone
        return b""


def contents(root: Path) -> dict[str, bytes]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_relative_to(root / ".git"))
    return {str(path): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def in_containers(image: str, workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Played:
    configuration = tmp_path_factory.mktemp("docker")
    proxy = f"http://user:{CANARY}@proxy:3128"
    (configuration / "config.json").write_text(json.dumps({"proxies": {"default": {"httpProxy": proxy}}}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_CONFIG", str(configuration))
        played = play(Noting("docker", image, memory=MEMORY), workspace, ("/src/play.py",), patch)
    listed = subprocess.run(
        ["docker", "ps", "--all", "--format={{.Names}}"], check=True, capture_output=True, text=True
    )
    assert not {launch.container for launch in played.launches} & set(listed.stdout.split())
    return played


@pytest.fixture(scope="module")
def in_processes(workspace: Path) -> Played:
    if not sys.platform.startswith("linux"):
        pytest.skip("a process gives nothing up where there is no Linux")
    with pytest.MonkeyPatch.context() as patch:
        played = play(Noting("process"), workspace, ("play.py",), patch)
    assert not [launch.temporary for launch in played.launches if launch.temporary and launch.temporary.exists()]
    return played


@pytest.mark.docker
@pytest.mark.parametrize("name", stopped_by("docker"))
def test_a_container_stops(name: str, in_containers: Played) -> None:
    check(name, in_containers.results[name])


@pytest.mark.parametrize("name", stopped_by("process"))
def test_a_confined_process_stops(name: str, in_processes: Played) -> None:
    check(name, in_processes.results[name])


def check(name: str, result: Result) -> None:
    assert "SUCCEEDED" not in result.reason
    assert (result.path, result.attached) == (None, Attached())
    assert re.search(ATTACKS[name].ends, result.reason), result.reason
    assert CANARY not in repr(result)
    shown = {form: form.render([result], (), View(root=Path.cwd())) for form in FORMATS}
    assert len(shown[verify_github].splitlines()) == 1
    assert re.match("::(error|warning|notice) ", shown[verify_github])
    for form, text in shown.items():
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2028\u2029]", text), form
        assert form is verify_github or not re.search("^::", text, re.MULTILINE), form
    assert "##[" not in shown[verify_github]


MODELS = """\
import torch
from torch import nn


class Branches(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


def patching():
    import exportlint.verify.judging.compare
    import exportlint.verify.judging.judge

    for module in (exportlint.verify.judging.compare, exportlint.verify.judging.judge):
        for name in vars(module):
            if name.startswith(("differ", "compar", "judge")):
                setattr(module, name, lambda *args, **kwargs: None)
    return Branches()
"""


@pytest.mark.docker
def test_who_patches_the_comparison_changes_no_verdict_but_its_own(image: str, tmp_path: Path) -> None:
    assert "docker" in PATCHING.stopped
    (tmp_path / "net.py").write_text(MODELS)
    entries = ("net.py::patching", "net.py::Branches")
    jobs = [
        Job(entry, str(tmp_path), "trace", inputs={"x": "float32[3]"}, seconds=PATCHING.seconds) for entry in entries
    ]
    with Sandbox("docker", image).prepared(tmp_path) as ready:
        results = Runner(ready, 1).run(jobs, lambda job: None, lambda result: None)
    statuses = {result.model: (result.status, result.line) for result in results}
    assert statuses["net.py::Branches"] == ("mismatch", 7), results

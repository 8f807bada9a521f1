"""What is found again from earlier runs is what a cold run says, and only what an edit concerns is done again."""

from __future__ import annotations

import os
import pickle
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exportlint.catalogue import documented
from exportlint.check import check
from exportlint.config import Settings
from exportlint.report import json as renderer
from exportlint.report.view import View
from exportlint.units import store, work
from exportlint.units.store import Store
from exportlint.units.work import Outcome

HEAD = "import torch\nfrom torch import nn\n\n"
GATES = ("x.sum() > 0", "x.shape[0] > 3", "self.training", "helper(x)")
VERSIONS = {
    "base.py": [HEAD + f"class Base(nn.Module):\n    def gate(self, x):\n        return {gate}\n" for gate in GATES[:3]]
    + ["Base = 3\n", "class Base(\n", ""],
    "helpers.py": [f"def helper(x):\n    return {value}\n" for value in ("x.max() > 1", "1", "x.numel() > 2")]
    + ["from more import *\n", "from base import *\n"],
    "more.py": ["def helper(x):\n    return bool(x.any())\n", "helper = None\n", "\0"],
    "block.py": [
        HEAD + "from base import Base\nfrom helpers import helper\n\n"
        f"class Block(Base):\n    def forward(self, x):\n        return x if {gate} else -x  {comment}\n"
        for gate in (*GATES, "self.gate(x)")
        for comment in ("", "# exportlint: ignore[EXL101] meant")
    ],
    "net.py": [
        f"{HEAD}from block import Block\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.block = {made}\n\n    def forward(self, x):\n        return self.block(x)\n"
        for made in ("Block()", "nn.Linear(2, 2)", "[Block()]", "nn.Sequential(Block(), Block())")
    ],
    "other.py": [HEAD + "class Other(nn.Module):\n    def forward(self, x):\n        return x if x.any() else -x\n"],
}
"""Contents for the files of a small project; in every file the first one stands first."""

EDITS = st.sampled_from(
    [(name, text) for name, texts in VERSIONS.items() for text in (None, *texts)]  # None: the file is not there
)


def _first(folder: Path) -> None:
    for name, texts in VERSIONS.items():
        (folder / name).write_text(texts[0])


def _report(folder: Path, **options):
    return check([folder], Settings(root=folder), **options)


def _bytes(report, folder: Path) -> str:
    return renderer.render(report, View(root=folder))


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPORTLINT_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)  # no configuration above it is this project's
    monkeypatch.chdir(folder)
    _first(folder)
    return folder


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(EDITS, min_size=1, max_size=8))
def test_after_any_edits_a_warm_run_says_what_a_cold_one_says(project, edits):
    _first(project)
    for name, text in edits:
        if text is None:
            (project / name).unlink(missing_ok=True)
        else:
            (project / name).write_text(text)
        assert _bytes(_report(project), project) == _bytes(_report(project, cache=False), project)


def test_nothing_is_done_again_for_a_part_of_what_was_checked(project):
    assert _report(project).fresh == 9  # six files surveyed; Net, Other and Base interpreted; Block is a part of Net
    again = check([project / "net.py"], Settings(root=project))
    assert (again.fresh, again.units) == (0, 2)


@pytest.mark.parametrize(
    ("name", "fresh"),
    [
        ("net.py", 2),  # itself
        ("other.py", 2),
        ("block.py", 2),  # its survey, and Net, which holds a Block
        ("base.py", 4),  # itself; the survey of block.py, whose class it is the base of; and Net
        ("helpers.py", 1),  # nothing calls what it defines
    ],
)
def test_an_edit_concerns_what_looked_at_the_file(project, name, fresh):
    _report(project)
    (project / name).write_text((project / name).read_text() + "\n# edited\n")
    report = _report(project)
    assert (report.fresh, report.units) == (fresh, 9)
    assert _bytes(report, project) == _bytes(_report(project, cache=False), project)


PARTS = (
    HEAD
    + """
class Whole(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class Part(nn.Module):
    def forward(self, x, flag: torch.Tensor):
        return x if flag else -x


def made():
    return Part()
"""
)


@pytest.mark.parametrize(
    ("owner", "units", "symbols"),
    [
        (
            "",
            2,
            ["Whole.forward", "Part.forward"],
        ),  # of parts.py the survey, and Whole; Part, which some function may hold, comes with it
        ("from parts import Part\n", 3, ["Whole.forward", "Part.forward"]),  # the survey of a file without a model
        (
            "from torch import nn\nfrom parts import Part\n\nclass Owner(nn.Module):\n"
            "    def __init__(self):\n        super().__init__()\n        self.part = Part()\n\n"
            "    def forward(self, x):\n        return self.part(x, True)\n",
            4,
            ["Whole.forward"],  # Owner enters Part: what was foreseen of Part is not said, and nothing is left to do
        ),
    ],
)
def test_what_is_left_to_start_is_done_while_the_file_is_in_memory(tmp_path, owner, units, symbols):
    (tmp_path / ".git").mkdir()
    (tmp_path / "parts.py").write_text(PARTS)
    if owner:
        (tmp_path / "owner.py").write_text(owner)
    report = check([tmp_path], Settings(root=tmp_path, select=("EXL101",)), cache=False)
    assert report.units == units
    assert [finding.symbol for finding in report.findings] == symbols


@pytest.mark.skipif(sys.platform != "linux", reason="what is replaced here reaches a forked process only")
def test_what_is_left_and_comes_to_no_end_costs_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "parts.py").write_text(PARTS)
    start = work.start_classes

    def fated(interpreter, classes):
        if [cls.node.name for cls in classes] == ["Part"]:
            raise RecursionError
        start(interpreter, classes)

    monkeypatch.setattr(work, "start_classes", fated)
    monkeypatch.chdir(tmp_path)
    report = check([tmp_path], Settings(root=tmp_path, select=("EXL101",)), cache=False, processes=1)
    assert [finding.symbol for finding in report.findings] == ["Whole.forward"]
    assert [(problem.path, problem.message) for problem in report.problems] == [
        ("parts.py", "nested too deeply to be analysed")
    ]


@pytest.mark.parametrize("processes", [1, 2, 5])
@pytest.mark.parametrize("targets", [("onnx",), ("trace", "script", "export")])
def test_any_number_of_processes_says_the_same(project, processes, targets):
    given = Settings(root=project, targets=targets)
    alone = check([project], given, cache=False)
    many = check([project], given, cache=False, processes=processes)
    assert alone.findings
    assert _bytes(many, project) == _bytes(alone, project)


def test_runs_at_the_same_time_share_a_cache(project):
    command = [sys.executable, "-m", "exportlint", "check", "--output-format", "github", "."]

    def run(number: int) -> str:
        (project / f"net{number}.py").write_text(VERSIONS["net.py"][number % 4])
        return subprocess.run([*command, f"net{number}.py"], capture_output=True, text=True).stderr

    with ThreadPoolExecutor(4) as threads:
        assert "".join(threads.map(run, range(8))) == ""
    assert _report(project).fresh < 9
    assert _bytes(_report(project), project) == _bytes(_report(project, cache=False), project)


def test_a_file_that_is_no_database_is_replaced(project, tmp_path):
    _report(project)
    for left in (tmp_path / "cache").glob("units.sqlite-*"):
        left.unlink()
    (tmp_path / "cache" / store.NAME).write_text("no database" * 100)
    (project / "net.py").write_text("")
    assert _report(project).fresh > 1
    (project / "net.py").write_text("\n")
    assert _report(project).fresh == 1


def test_the_oldest_go_when_it_grows_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MOST_BYTES", 4000)
    kept = Store(tmp_path)
    for number in range(40):
        kept.save([(f"key{number:02}", Outcome(None, (), {str(tmp_path / str(number) / ("x" * 300)): "absent"}))])
    known = [number for number in range(40) if kept.load(f"key{number:02}", lambda file: "absent")]
    assert known == list(range(40 - len(known), 40))
    assert 4 < len(known) < 12


class _Evil:
    def __reduce__(self):
        return os.system, ("exit 7",)


def test_nothing_but_our_own_values_is_read(tmp_path, monkeypatch):
    kept = Store(tmp_path)
    outcome = Outcome(None, (), {"net.py": "absent"})
    kept.save([("key", outcome)])
    assert kept.load("key", lambda file: "absent") == outcome
    monkeypatch.setattr(store.pickle, "dumps", lambda outcome, protocol: pickle._dumps(_Evil(), protocol))
    kept.save([("key", outcome)])
    monkeypatch.setattr(os, "system", lambda command: pytest.fail("was run"))
    assert kept.load("key", lambda file: "absent") is None
    kept.close()
    assert sqlite3.connect(tmp_path / store.NAME).execute("select count(*) from units").fetchone() == (1,)


def test_every_event_is_found_again():
    """An event that may not be read would have its unit done again in each run, and nobody would see why."""
    kinds = {kind for rule in documented() for kind in rule.events}
    assert {kind.__module__ for kind in kinds} <= store._OURS

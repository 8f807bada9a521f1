"""Where the processes cannot hold all files, a file's models are interpreted while its survey has it parsed."""

from __future__ import annotations

import sys
from collections import Counter

import pytest

from exportlint.check import check
from exportlint.config import Settings
from exportlint.source import text
from exportlint.units import run, work

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what is replaced here reaches a forked process only")

HEAD = "from torch import nn\n\n"
MODEL = HEAD + "class {0}(nn.Module):\n    def forward(self, x):\n        return x if x.sum() > 0 else -x\n"
OWNER = (
    HEAD + "from {0} import {1}\n\n\nclass {2}(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.part = {1}()\n\n    def forward(self, x):\n        return self.part(x.abs())\n"
)
FILES = {
    "alone.py": MODEL.format("Alone"),
    "part.py": MODEL.format("Part"),  # what comes later uses it
    "whole.py": OWNER.format("part", "Part", "Whole"),
    "a_owner.py": OWNER.format("z_part", "Late", "Owner"),
    "z_part.py": MODEL.format("Late"),  # what came earlier uses it
    "no_model.py": "def add(x, y):\n    return x + y\n",
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with some models, and with a place where each parse of a file is noted."""
    for name, source in FILES.items():
        (tmp_path / name).write_text(source)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(work, "MOST_CHARACTERS", 300)  # one or two of the files
    parse = text.parse_text

    def noted(characters, shown):
        with (tmp_path / "parsed.txt").open("a") as notes:
            notes.write(f"{shown}\n")
        return parse(characters, shown)

    monkeypatch.setattr(text, "parse_text", noted)
    return tmp_path


def _report(folder, *, processes=1, **options):
    (folder / "parsed.txt").write_text("")
    report = check([folder], Settings(root=folder, select=("EXL101",)), processes=processes, **options)
    return report, Counter((folder / "parsed.txt").read_text().split())


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_it_says_what_is_said_where_all_is_held(project, monkeypatch, processes):
    held, _ = _report(project, processes=processes, cache=False)
    monkeypatch.setattr(run, "MOST_CHARACTERS", 1)
    ahead, _ = _report(project, processes=processes, cache=False)
    assert [finding.symbol for finding in ahead.findings] == ["Alone.forward", "Part.forward", "Late.forward"]
    assert (ahead.findings, ahead.problems) == (held.findings, held.problems)


def test_what_was_rightly_foreseen_is_not_parsed_again(project, monkeypatch):
    _, without = _report(project, cache=False)
    monkeypatch.setattr(run, "MOST_CHARACTERS", 1)
    _, parsed = _report(project, cache=False)
    assert (without["alone.py"], parsed["alone.py"]) == (2, 1)
    assert (without["whole.py"], parsed["whole.py"]) == (2, 1)
    # Part was not known to be used, and is not started on its own: that was done for nothing. Whole has it read again.
    assert (without["part.py"], parsed["part.py"]) == (2, 2)
    assert parsed["no_model.py"] == 1


def test_what_was_done_ahead_is_found_again(project, monkeypatch):
    monkeypatch.setattr(run, "MOST_CHARACTERS", 1)
    _report(project)
    (project / "alone.py").write_text(FILES["alone.py"] + "\n# edited\n")
    report, parsed = _report(project)
    assert set(parsed) == {"alone.py"}
    assert report.fresh == 2  # its survey and its model


def test_a_model_that_comes_to_no_end_costs_its_findings_alone(project, monkeypatch):
    monkeypatch.setattr(run, "MOST_CHARACTERS", 1)
    analysed = work._analysed

    def fated(unit, module, *rest):
        if module.name in ("alone", "part"):
            raise MemoryError
        return analysed(unit, module, *rest)

    monkeypatch.setattr(work, "_analysed", fated)
    report, _ = _report(project, cache=False)
    # of part.py nothing was wanted in the end
    assert [(problem.path, problem.message) for problem in report.problems] == [
        ("alone.py", "nested too deeply to be analysed")
    ]
    assert [finding.symbol for finding in report.findings] == ["Part.forward", "Late.forward"]

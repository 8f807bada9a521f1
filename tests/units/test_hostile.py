"""A hostile source ends within its deadline, is reported if it was not analysed, and costs its neighbours nothing."""

from __future__ import annotations

import sys

import pytest

from exportlint.check import check
from exportlint.config import Settings
from exportlint.units import workers
from tests.units.hostile import HARMLESS, SOURCES

# Not read: too deep or too large for Python's own parser, or no text.
UNREADABLE = {"parentheses", "long_sum", "too_large", "null_byte"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    for source in SOURCES:
        (folder / f"{source.__name__}.py").write_text(source())
    (folder / "harmless.py").write_text(HARMLESS)
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of processor time there")
def test_each_ends_and_the_rest_is_analysed_as_ever(tree, monkeypatch):
    monkeypatch.chdir(tree)
    monkeypatch.setattr(workers, "DEADLINE", 1)
    report = check([tree], Settings(root=tree), cache=False, processes=2)
    assert report.files == len(SOURCES) + 1
    alone = check([tree / "harmless.py"], Settings(root=tree), cache=False)
    assert [f for f in report.findings if f.span.path == "harmless.py"] == list(alone.findings) != []
    said = {problem.path.removesuffix(".py"): problem.message for problem in report.problems}
    assert said.keys() >= UNREADABLE
    assert said["doubled_tuples"] == "not analysed within 1 seconds"
    assert set(said) <= {source.__name__ for source in SOURCES}


@pytest.mark.skipif(sys.platform != "linux", reason="a stub of our code reaches a forked process only")
@pytest.mark.parametrize(
    ("fate", "said"),
    [
        ("raise MemoryError", "nested too deeply to be analysed"),
        ("raise RecursionError", "nested too deeply to be analysed"),
        ("import os; os._exit(9)", "its analysis ended the process that did it: too deep, or too much memory"),
    ],
)
def test_a_unit_whose_process_ends_is_said(tmp_path, monkeypatch, fate, said):
    for name in "abcde":
        (tmp_path / f"{name}.py").write_text(HARMLESS)
    monkeypatch.chdir(tmp_path)
    perform = workers.perform

    def fated(unit, common, project):
        if unit.file.name == "c.py":
            exec(fate)
        return perform(unit, common, project)

    monkeypatch.setattr(workers, "perform", fated)
    report = check([tmp_path], Settings(root=tmp_path), cache=False, processes=2)
    assert [(problem.path, problem.message) for problem in report.problems] == [("c.py", said)]
    assert {finding.span.path for finding in report.findings} == {"a.py", "b.py", "d.py", "e.py"}


@pytest.mark.skipif(sys.platform != "linux", reason="a stub of our code reaches a forked process only")
def test_what_our_code_raises_is_our_bug_and_names_the_file(tmp_path, monkeypatch):
    (tmp_path / "net.py").write_text(HARMLESS)

    def broken(unit, common, project):
        raise KeyError("ours")

    monkeypatch.setattr(workers, "perform", broken)
    with pytest.raises(workers.Crash, match=r"net\.py crashed:(?s:.*)KeyError: 'ours'"):
        check([tmp_path], Settings(root=tmp_path), cache=False, processes=1)

"""Reports of earlier runs: found again when nothing changed, and only then."""

from __future__ import annotations

import pytest

from exportlint import cache
from exportlint.check import check
from exportlint.config import Settings

BASE = "import torch\nfrom torch import nn\n\n\nclass Base(nn.Module):\n    def gate(self, x):\n        return {gate}\n"
NET = """\
from base import Base


class Net(Base):
    def forward(self, x):
        if self.gate(x):
            return x
        return -x
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPORTLINT_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "base.py").write_text(BASE.format(gate="x.sum() > 0"))
    (folder / "net.py").write_text(NET)
    return folder


def _check(folder, **options):
    return check([folder / "net.py"], Settings(root=folder), **options)


def _entries(tmp_path):
    return list((tmp_path / "cache").glob("*.json"))


def test_a_second_run_finds_the_same_report(project, tmp_path):
    first = _check(project)
    assert [f.rule for f in first.findings] == ["EXL101"]
    assert len(_entries(tmp_path)) == 1
    assert _check(project) == first
    assert len(_entries(tmp_path)) == 1


def test_a_change_in_an_imported_file_that_is_not_checked_is_seen(project):
    assert _check(project).findings
    (project / "base.py").write_text(BASE.format(gate="x.shape[0] == 3"))
    assert _check(project) == _check(project, cache=False)
    assert [f.rule for f in _check(project).findings] == ["EXL301"]


def test_an_imported_file_that_appears_later_is_seen(project):
    text = (project / "base.py").read_text()
    (project / "base.py").unlink()
    assert not _check(project).findings
    (project / "base.py").write_text(text)
    assert _check(project).findings


def test_settings_tell_runs_apart(project):
    assert _check(project).findings
    other = check([project / "net.py"], Settings(root=project, targets=("script",)))
    assert not other.findings


def test_without_the_cache_nothing_is_written(project, tmp_path):
    _check(project, cache=False)
    assert not _entries(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"led_to": {}, "report": {"findings": [{}]}}', '{"led_to": 3}'])
def test_a_broken_entry_is_no_entry(project, tmp_path, text):
    first = _check(project)
    (entry,) = _entries(tmp_path)
    entry.write_text(text)
    assert _check(project) == first


def test_a_folder_that_cannot_be_written_to_loses_nothing(project, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EXPORTLINT_CACHE_DIR", str(tmp_path / "file" / "below"))
    assert _check(project).findings


def test_old_entries_are_forgotten(project, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "MOST_ENTRIES", 2)
    for opset in (14, 15, 16, 17):
        check([project / "net.py"], Settings(root=project, opset=opset))
    assert len(_entries(tmp_path)) == 2


def test_clearing_deletes_entries(project, tmp_path):
    _check(project)
    assert cache.clear() == 1
    assert not _entries(tmp_path)

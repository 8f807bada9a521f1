"""What keeps a run fast that can be counted, where seconds could not be trusted: what is loaded, what is computed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from exportlint.source.remembered import once_a_node

NET = """\
import torch


class Net(torch.nn.Module):
    def forward(self, x: torch.Tensor):
        return x + {number} if x.sum() > 0 else -x
"""
RUN = "import sys; from exportlint.cli.main import main; main(sys.argv[1:]); sys.stderr.write(' '.join(sys.modules))"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPORTLINT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    folder = tmp_path / "project"
    folder.mkdir()
    for number in range(3):
        (folder / f"net{number}.py").write_text(NET.format(number=number + 2))
    return folder


def _run(folder: Path, output_format: str) -> tuple[str, set[str]]:
    """What a process of its own prints, and the modules that it has loaded in the end."""
    command = [sys.executable, "-c", RUN, "check", "--output-format", output_format, "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout, set(done.stderr.split())


@pytest.mark.parametrize("output_format", ["text", "json", "sarif"])
def test_a_second_run_neither_interprets_nor_loads_libcst(project, output_format):
    cold, loaded = _run(project, output_format)
    assert "exportlint.flow.interpreter" in loaded
    assert "libcst" not in loaded  # the processes that make fixes load it
    warm, loaded = _run(project, output_format)
    assert warm == cold
    assert "exportlint.check" in loaded
    assert not loaded & {"libcst", "rich", "sqlite3", "multiprocessing", "pathspec", "exportlint.flow.interpreter"}
    assert ("exportlint.flow.events" in loaded) == (output_format == "sarif")  # which carries the rules


def test_fixes_are_there_after_a_run_that_wanted_none(project):
    _run(project, "text")
    assert '"edits"' in _run(project, "json")[0]
    assert "EXL" in _run(project, "text")[0]


def test_a_question_about_syntax_is_answered_once_a_node():
    asked = []

    @once_a_node
    def names(node: ast.expr) -> list[str]:
        asked.append(node)
        return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]

    one, other = (ast.parse(text, mode="eval").body for text in ("a + b", "c"))
    assert [names(one), names(other), names(one)] == [["a", "b"], ["c"], ["a", "b"]]
    assert asked == [one, other]
    assert ast.dump(one) == ast.dump(ast.parse("a + b", mode="eval").body)

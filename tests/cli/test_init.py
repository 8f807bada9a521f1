"""`exportlint init`: models found, tried in a worker, and written into the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomlkit

from exportlint.cli.main import main
from exportlint.config import load
from exportlint.verify.configured import with_models
from exportlint.verify.contract import Result, Spec

NET = """
import torch
from torch import nn

class Block(nn.Module):
    def forward(self, x):
        return x

class Net(nn.Module):
    def __init__(self, in_channels, body=None):
        super().__init__()
        self.layer, self.block = nn.Conv2d(in_channels, 4, 3), Block()

    def forward(self, image):
        return self.block(self.layer(image))

class Odd(nn.Module):
    def forward(self, graph):
        return graph.nodes
"""
FOUND = Result(
    "src/net.py::Net",
    "export",
    "ok",
    spec=Spec(
        args='[[1, 2]]',
        kwargs={"body": '{"make": "a.b:Body", "wide": {"x": 1.5}}'},
        inputs={"x": "float32[batch, 3]"},
        arguments="inferred from the call at a.py:3",
        example="inferred in 1 call",
    ),
)  # fmt: skip


def test_what_stands_in_the_file_stays() -> None:
    before = '# ours\ntargets = ["trace"]  # for phones\n\n[[models]]\nentry = "a.py::A"\n'
    after = with_models(before, Path("exportlint.toml"), [FOUND])
    assert after.startswith(before)
    read = tomlkit.parse(after)["models"]
    assert read[1] == {
        "entry": "src/net.py::Net",
        "args": [[1, 2]],
        "kwargs": {"body": {"make": "a.b:Body", "wide": {"x": 1.5}}},
        "inputs": {"x": "float32[batch, 3]"},
    }
    assert "# inferred from the call at a.py:3" in after


@pytest.mark.parametrize(
    "before",
    [
        '[project]\nname = "x"\n',
        "[tool.exportlint]\nopset = 18\n",
        '[tool.exportlint]\nmodels = [{ entry = "a.py::A" }]\n',
    ],
)
def test_pyproject_has_a_table_of_ours(before: str) -> None:
    after = tomlkit.parse(with_models(before, Path("pyproject.toml"), [FOUND]))
    assert after["tool"]["exportlint"]["models"][-1]["entry"] == "src/net.py::Net"
    assert len(after["tool"]["exportlint"]["models"]) == 1 + before.count("a.py::A")


@pytest.mark.torch
@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["absent"], "absent does not exist"), (["a.py::A"], "a.py does not exist"), ([], "no model")],
)
def test_mistakes_are_said_in_one_line(exportlint, arguments: list[str], said: str) -> None:
    ended = exportlint("init", *arguments)
    assert (ended.status, said in ended.err, ended.err.count("\n")) == (2, True, 1)


@pytest.mark.torch
def test_models_are_found_and_written_once(project: Path, capsys) -> None:
    (project / "net.py").write_text(NET)
    assert main(["init", "--timeout", "60"]) == 1
    said = capsys.readouterr().err
    assert "net.py::Net: arguments inferred from names and annotations; image = float32[batch, 3, 64, 64]" in said
    assert "net.py::Odd: no-spec: no example inputs" in said
    (model,) = load(project).models  # Block is a part of Net
    assert (model.entry, dict(model.kwargs)) == ("net.py::Net", {"in_channels": 3})
    assert model.inputs == {"image": "float32[batch, 3, 64, 64]"}
    text = (project / "exportlint.toml").read_text()
    assert main(["init", "net.py::Net"]) == 2
    assert (project / "exportlint.toml").read_text() == text

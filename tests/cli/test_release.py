"""The table of the torch release that a project names is the one that speaks."""

import json

import pytest

from exportlint.cli.main import main

MODEL = """import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x):
        return {}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "net.py").write_text(MODEL.format("x.sin()"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def said(capsys):
    def run(*arguments):
        main(arguments)
        return capsys.readouterr().out

    return run


def test_the_pinned_release_is_named_and_the_configured_one_goes_before_it(project, said):
    assert "measured" not in said("check", "--no-cache", "net.py")
    (project / "requirements.txt").write_text("torch==2.15.1\n")
    assert "Operators as measured with torch 2.15 (requirements.txt has 2.15.1)." in said("check", "--no-cache")
    (project / "exportlint.toml").write_text('torch = "2.14"\n')
    assert json.loads(said("check", "--no-cache", "--output-format", "json"))["operators"] == (
        "Operators as measured with torch 2.13 (exportlint.toml names 2.14)"
    )


def test_the_table_that_is_shown_is_that_of_the_project(project, said):
    (project / "requirements.txt").write_text("torch==2.15.1\n")
    for arguments, release in (((), "2.15"), (("--torch", "2.13"), "2.13")):
        assert f"measured with torch {release}" in said("operators", "erfc", *arguments)


def test_the_pinned_runtime_decides_what_it_loads(project, said):
    (project / "net.py").write_text(
        MODEL.format("x") + '\n\ntorch.onnx.export(Model().eval(), (torch.ones(2),), "n.onnx")\n'
    )
    check = ("check", "--no-cache", "--select", "EXL504")
    assert "Nothing found" in said(*check)
    (project / "requirements.txt").write_text("onnxruntime-gpu==1.17.1\n")
    assert "loads IR version 9 at most" in said(*check)
    (project / "exportlint.toml").write_text('onnxruntime = "1.23"\n')
    assert "Nothing found" in said(*check)


def test_the_table_of_the_release_decides(project, said):
    """Measured: shifted to the right, negative numbers come out wrong with torch 2.13, and right with 2.15."""
    (project / "net.py").write_text(MODEL.format("torch.bitwise_right_shift(x, x[0])"))
    check = ("check", "--no-cache", "--target", "onnx-ts")
    assert "the file computes something else" in said(*check)
    (project / "requirements.txt").write_text("torch==2.15.1\n")
    assert "Nothing found" in said(*check)

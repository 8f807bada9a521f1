"""Losses, metrics and augmentation: what is seen there is a note, unless the configuration declares the model."""

from __future__ import annotations

import textwrap

import pytest

from exportlint.check import check
from exportlint.config import ModelSpec, Settings
from exportlint.finding import Severity

BRANCH = "if x.sum() > 0:\n            x = -x\n        return x"
HELPER = f"""
    import torch
    from torch import nn

    def NAME(x):
        {BRANCH}

    class Net(nn.Module):
        def forward(self, x: torch.Tensor):
            return NAME(x)
    """


def levels(folder, source, file="net.py", **settings):
    """Severities of the branches on values that `check` finds in one file."""
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(source)
    settings = Settings(targets=("trace",), root=folder, **settings)
    return [finding.severity for finding in check([path], settings, cache=False).findings if finding.rule == "EXL101"]


def calls(name):
    """A model that calls a helper of that name, which branches on a value."""
    return textwrap.dedent(HELPER).replace("NAME", name)


@pytest.mark.parametrize("name", ["contrastive_loss", "_loss", "loss_of_boxes", "compute_losses", "get_nll"])
def test_a_loss_is_a_note(name, tmp_path):
    assert levels(tmp_path, calls(name)) == [Severity.INFO]


@pytest.mark.parametrize("name", ["normalise", "lossless", "glossary"])
def test_other_helpers_are_not(name, tmp_path):
    assert levels(tmp_path, calls(name)) == [Severity.ERROR]


@pytest.mark.parametrize("file", ["losses/net.py", "augmentation/net.py", "metrics.py"])
def test_a_module_says_what_it_is_for(file, tmp_path):
    if "/" in file:
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).with_name("__init__.py").write_text("")
    assert levels(tmp_path, calls("normalise"), file) == [Severity.INFO]


def test_a_declared_model_is_exported_whatever_it_is_called(tmp_path):
    declared = ModelSpec(entry="metrics.py::Net", inputs={"x": "float32[2]"})
    found = levels(tmp_path, calls("contrastive_loss"), "metrics.py", models=(declared,))
    assert found == [Severity.ERROR]


LOSS = """import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, y):
        {}
"""


@pytest.mark.parametrize(
    ("body", "level"),
    [
        ("return torch.nn.functional.binary_cross_entropy(x, y)", Severity.ERROR),
        ("loss = torch.nn.functional.binary_cross_entropy(x, y)\n        return x, loss", Severity.INFO),
    ],
)
def test_a_loss_of_torch_counts_where_it_is_the_answer(body, level, tmp_path):
    (tmp_path / "net.py").write_text(LOSS.format(body))
    report = check([tmp_path / "net.py"], Settings(targets=("onnx-ts",), root=tmp_path), cache=False)
    assert [finding.severity for finding in report.findings if finding.rule in ("EXL501", "EXL502")] == [level]

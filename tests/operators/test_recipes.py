"""Each recipe is measured: its call does not export, or wrongly; what it says to write does, and computes the same."""

import json
import re

import pytest

from exportlint.cli.main import main
from exportlint.operators.names import UNKNOWN
from exportlint.operators.recipes import LOWEST, RECIPES, recipe
from exportlint.operators.support import support

VALUES = {"size": "3", "n": "2", "groups": "2", "normalized": "(6,)", "low": "0.1", "value": "7.0", "dim": "1"}
"""What the names in a recipe's call stand for, besides x, y and z."""

INPUTS = {
    "torch.addbmm": ("float32[3, 5]", "float32[2, 3, 4]", "float32[2, 4, 5]"),
    "torch.addr": ("float32[3, 5]", "float32[3]", "float32[5]"),
    "torch.argwhere": ("bool[4, 6]",),
    "torch.cdist": ("float32[2, 4, 6]", "float32[2, 5, 6]"),
    "torch.nn.functional.avg_pool2d": ("float32[2, 4, 9, 9]",),
    "torch.nn.functional.channel_shuffle": ("float32[2, 4, 5, 5]",),
    "torch.searchsorted": ("float32[7]", "float32[5]"),
    "torch.take_along_dim": ("float32[4, 6]", "int64[4, 2]<6"),
    "torch.vdot": ("float32[6]", "float32[6]"),
}
"""Example inputs where they are not float32[4, 6] each."""

OPSET = 20
LEFT_OUT = [("torch.cdist", "onnx")]
"""Calls that `check` leaves out for a target, since it does not know what decides: see operators/left_out.py."""


def broken(one):
    """The targets with which the table says that a recipe's call does not work."""
    statuses = {target: support(one.name, one.arguments(), target, OPSET, "2.13").status for target in LOWEST}
    return [target for target, status in statuses.items() if status not in ("ok", "unknown")]


def concrete(text):
    """An expression of a recipe on x0, x1, x2, with values for the other names."""
    for index, name in enumerate("xyz"):
        text = re.sub(rf"\b{name}\b", f"x{index}", text)
    for name, value in VALUES.items():
        text = re.sub(rf"(?<![.\w]){name}\b(?![=(])", value, text)
    return text


@pytest.mark.parametrize("one", RECIPES, ids=lambda one: one.name)
def test_check_tells_the_recipe_and_is_silent_about_what_it_says(one, tmp_path, capsys):
    for name, expression in (("bad", one.call), ("good", one.instead)):
        head = "import torch\nfrom torch import nn\n\n\nclass Model(nn.Module):\n"
        inputs = ", ".join(f"x{index}: torch.Tensor" for index in range(3))
        text = f"{head}    def forward(self, {inputs}):\n        return {concrete(expression)}\n"
        tmp_path.joinpath(f"{name}.py").write_text(text)
    for target in [target for target in broken(one) if (one.name, target) not in LEFT_OUT]:
        main(
            ["check", "--no-cache", "--target", target, "--opset", str(OPSET), "--output-format", "json", str(tmp_path)]
        )
        found = json.loads(capsys.readouterr().out)["findings"]
        assert [finding["path"].rpartition("/")[2] for finding in found] == ["bad.py"], target
        assert str(one) in found[0]["help"]


def test_each_has_a_target_that_needs_it():
    assert all(broken(one) for one in RECIPES)
    assert len({one.call for one in RECIPES}) == len(RECIPES) >= 30


@pytest.mark.parametrize(
    ("name", "given", "target", "opset"),
    [
        ("torch.hypot", {"other": UNKNOWN, "@dtype": "int64"}, "onnx", 20),
        ("torch.hypot", {"other": UNKNOWN}, "onnx-ts", 9),
        ("torch.hypot", {"other": UNKNOWN}, "trace", 20),
        ("torch.Tensor.hypot_", {"other": UNKNOWN}, "onnx", 20),
        ("torch.diff", {"n": 2}, "onnx-ts", 20),
        ("torch.sin", {}, "onnx-ts", 20),
    ],
)
def test_what_was_not_measured_has_none(name, given, target, opset):
    assert recipe(name, given, target, opset) is None


def test_a_method_has_the_recipe_of_its_function():
    found = recipe("torch.Tensor.hypot", {"other": UNKNOWN, "@rank": 2}, "onnx", 20)
    assert found is not None
    assert found.instead == "torch.sqrt(x * x + y * y)"


@pytest.mark.torch
@pytest.mark.parametrize("one", RECIPES, ids=lambda one: one.name)
def test_the_call_does_not_work_and_what_to_write_does(one):
    from operators import measure
    from operators.cases import SEEDS, Case
    from operators.picked import random_tensor

    count = len(set(re.findall(r"\b[xyz]\b", one.call)))
    specs = INPUTS.get(one.name, ("float32[4, 6]",) * count)
    inputs = tuple(tuple(random_tensor(spec, seed, at) for at, spec in enumerate(specs)) for seed in SEEDS)
    if one.name == "torch.searchsorted":
        inputs = tuple((x.sort()[0], y) for x, y in inputs)
    before = measure.Measured(Case("before", concrete(one.call), inputs))
    after = measure.Measured(Case("after", concrete(one.instead), inputs))
    for mine, theirs in zip(before.expected, after.expected, strict=True):
        assert measure._differences(mine, theirs) == ""
    for target in broken(one):
        assert before.outcome(target, OPSET).status != "ok", target
        for opset in (LOWEST[target], OPSET):
            outcome = after.outcome(target, opset)
            assert (outcome.status, outcome.got) == ("ok", opset), (target, opset, outcome.detail)

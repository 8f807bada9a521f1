"""Fixes of scripts make of each example what its documentation shows, and torch does what is claimed."""

from __future__ import annotations

import re
import warnings
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from exportlint.check import check
from exportlint.config import Settings
from exportlint.finding import TARGETS
from exportlint.fix.fixer import Fixer, all_fixers
from exportlint.fix.run import until_stable
from tests.sites.scripts import site_rules
from tests.sites.standing import chdir, needs

CODES = {rule.code for rule in site_rules()}
FIXERS = {fixer.name: fixer for fixer in all_fixers() if fixer.rule in CODES}
HEAD = """import onnx
import torch
import torchvision
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(self.fc(x))


x = torch.randn(2, 4)
"""


def fixed(folder: Path, text: str) -> str:
    """A file as all fixes leave it."""
    (folder / "net.py").write_text(text, "utf-8")
    with chdir(folder):
        settings = Settings(folder, targets=TARGETS)
        look = partial(check, [Path("net.py")], settings, cache=False, fixes=True)
        done = until_stable(lambda texts: look(texts=texts), {}, lambda finding: True)
    return done.changes[0].after if done.changes else text


def code(fixer: Fixer, heading: str) -> str:
    return re.search(r"```python\n(.*?)```", fixer.section(heading), re.DOTALL)[1]


@pytest.mark.parametrize("fixer", FIXERS.values(), ids=FIXERS)
def test_the_example_becomes_what_is_shown(fixer: Fixer, tmp_path: Path) -> None:
    assert fixed(tmp_path, HEAD + code(fixer, "Before")) == HEAD + code(fixer, "After")


@pytest.mark.parametrize("fixer", FIXERS.values(), ids=FIXERS)
def test_inside_a_function_too(fixer: Fixer, tmp_path: Path) -> None:
    before, after = (
        "def main():\n" + "".join(f"    {line}\n" if line else "\n" for line in code(fixer, heading).splitlines())
        for heading in ("Before", "After")
    )
    assert fixed(tmp_path, HEAD + before) == HEAD + after


SCRIPTED = """
class Coder(nn.Module):
    def forward(self, x):
        return x

{method}


torch.jit.{made}.decode(x)
"""
LEFT_ALONE = {
    "a static method": SCRIPTED.format(
        method="    @staticmethod\n    def decode(x):\n        return x", made="script(Coder().eval())"
    ),
    "a traced module": SCRIPTED.format(
        method="    def decode(self, x):\n        return x", made="trace(Coder().eval(), x)"
    ),
    "no input names": 'torch.onnx.export(Net().eval(), (x,), "n.onnx", dynamic_axes={"x": {0: "batch"}})',
    "more inputs than names": (
        'torch.onnx.export(Net().eval(), (x, x), "n.onnx", input_names=["x"], dynamic_axes={"x": {0: "batch"}})'
    ),
    "axes elsewhere": 'axes = {"x": [0]}\ntorch.onnx.export(Net().eval(), x, input_names=["x"], dynamic_axes=axes)',
    "a mode that is passed on": "def f(flag):\n    return torchvision.models.resnet18(pretrained=flag)",
    "a detector": "torchvision.models.detection.ssd300_vgg16(pretrained=True)",
}


@pytest.mark.parametrize("text", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_other_forms_are_left_alone(text: str, tmp_path: Path) -> None:
    assert fixed(tmp_path, f"{HEAD}{text}\n") == f"{HEAD}{text}\n"


FORMS = {
    "a list of axes": (
        'torch.onnx.export(Net().eval(), x, "n.onnx", input_names=["x"], dynamic_axes={"x": [0]})',
        'torch.onnx.export(Net().eval(), x, "n.onnx", input_names=["x"], dynamic_shapes=({0: "x_0"},))',
    ),
    "outputs": (
        'torch.onnx.export(Net().eval(), x, "n.onnx", input_names=["x"], output_names=["y"], '
        'dynamic_axes={"x": {0: "b"}, "y": {0: "b"}})',
        'torch.onnx.export(Net().eval(), x, "n.onnx", input_names=["x"], output_names=["y"], '
        'dynamic_shapes=({0: "b"},))',
    ),
    "made in place": (
        "torch.jit.trace(Net(), x)",
        "torch.jit.trace(Net().eval(), x)",
    ),
    "published weights": (
        "torchvision.models.resnet18(pretrained=True)",
        'torchvision.models.resnet18(weights="IMAGENET1K_V1")',
    ),
}


@pytest.mark.parametrize(("before", "after"), FORMS.values(), ids=FORMS)
def test_forms(before: str, after: str, tmp_path: Path) -> None:
    assert fixed(tmp_path, f"{HEAD}{before}\n") == f"{HEAD}{after}\n"


def run(folder: Path, text: str, what: str):
    """The value of an expression after a script, and what torch warned of."""
    with warnings.catch_warnings(record=True) as warned, chdir(folder):
        warnings.simplefilter("always")
        names: dict = {}
        exec(compile(text.replace("import torchvision\n", ""), "net.py", "exec"), names)
        return eval(what, names), " ".join(str(one.message) for one in warned)


@pytest.mark.torch
def test_evaluated_it_agrees(tmp_path: Path) -> None:
    same = "torch.allclose(program.module()(x), model.eval()(x))"
    fixer = FIXERS["eval-before-export"]
    assert run(tmp_path, HEAD + code(fixer, "Before"), same)[0] is False
    assert run(tmp_path, HEAD + code(fixer, "After"), same)[0] is True


@pytest.mark.torch
@pytest.mark.parametrize("form", [code(FIXERS["dynamic-shapes-for-axes"], "Before"), *(FORMS["outputs"][:1])])
def test_the_same_axes_are_dynamic_and_nothing_is_warned_of(form: str, tmp_path: Path) -> None:
    form = form.replace("n.onnx", "net.onnx") if "net.onnx" not in form else form
    shape = "[d.dim_param or d.dim_value for d in onnx.load('net.onnx').graph.input[0].type.tensor_type.shape.dim]"
    before, warned = run(tmp_path, HEAD + form, shape)
    assert "dynamic_axes" in warned
    after, warned = run(tmp_path, fixed(tmp_path, HEAD + form), shape)
    assert (after, "dynamic_axes" in warned) == (before, False)
    assert isinstance(after[0], str)


BROKEN = {
    "export-for-dynamo-export": (AttributeError, "dynamo_export"),
    "without-removed-argument": (TypeError, "example_outputs"),
}
"""Scripts that raise before their fix."""


@pytest.mark.torch
@pytest.mark.parametrize("name", BROKEN)
def test_a_call_that_raised_exports_and_agrees(name: str, tmp_path: Path) -> None:
    error, words = BROKEN[name]
    with pytest.raises(error, match=words):
        run(tmp_path, HEAD + code(FIXERS[name], "Before"), "0")
    script = HEAD + code(FIXERS[name], "After").replace("torch.onnx.export(", "program = torch.onnx.export(", 1)
    script = script.replace("program = program = ", "program = ")
    assert run(tmp_path, script, "torch.allclose(program(x)[0], model(x), atol=1e-6)")[0] is True


@pytest.mark.torch
def test_a_method_that_was_left_behind_is_compiled_and_agrees(tmp_path: Path) -> None:
    fixer = FIXERS["export-for-method"]

    def loaded(heading: str):
        file = tmp_path / f"{heading}.py"  # torch.jit.script reads the source
        file.write_text(HEAD.replace("import torchvision\n", "") + code(fixer, heading), "utf-8")
        return SourceFileLoader(heading, str(file)).load_module()

    with pytest.raises(AttributeError, match="decode"):
        loaded("Before")
    fixed = loaded("After")
    equal, many = fixed.torch.equal, [fixed.torch.randn(n, 3) * 10**n for n in range(5)]
    assert all(equal(fixed.scripted.decode(x), fixed.Coder().decode(x)) for x in many)
    assert all(equal(fixed.Coder().decode(x), x / 2) for x in many)


@pytest.mark.torch
def test_an_argument_that_was_ignored_changes_nothing_when_it_is_left_out(tmp_path: Path) -> None:
    operators = "[node.op_type for node in onnx.load('net.onnx').graph.node]"
    fixer = FIXERS["without-ignored-argument"]
    before, after = (run(tmp_path, HEAD + code(fixer, heading), operators)[0] for heading in ("Before", "After"))
    assert before == after


@pytest.mark.torch
@pytest.mark.parametrize(
    ("name", "what", "before", "after"),
    [
        ("opset-that-is-written", "onnx.load('net.onnx').opset_import[0].version >= 18", None, True),
        ("weights-in-file", "len(onnx.load('net.onnx').graph.initializer) > 0", False, True),
    ],
)
def test_the_file_is_what_was_asked_for(name: str, what: str, before: bool, after: bool, tmp_path: Path) -> None:
    fixer = FIXERS[name]
    if before is not None:
        assert run(tmp_path, HEAD + code(fixer, "Before"), what)[0] is before
    assert run(tmp_path, HEAD + code(fixer, "After"), what)[0] is after


@pytest.mark.torch
def test_an_asserted_answer_stops_the_script(tmp_path: Path) -> None:
    fixer, worse = FIXERS["assert-for-answer"], "traced = lambda x: model(x) + 1\n"
    before, after = (
        code(fixer, heading).replace("y = torch", f"{worse}y = torch", 1) for heading in ("Before", "After")
    )
    with pytest.warns(SyntaxWarning, match="assertion is always true"):
        compile(code(fixer, "Before"), "net.py", "exec")
    run(tmp_path, HEAD + before, "0")
    with pytest.raises(AssertionError):
        run(tmp_path, HEAD + after, "0")


@pytest.mark.torch
def test_a_checkpoint_is_read_as_before(tmp_path: Path) -> None:
    fixer = FIXERS["map-location-for-load"]
    same = "all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), torch.load('net.pt').values()))"
    assert run(tmp_path, HEAD + code(fixer, "Before"), same)[0] is True
    assert run(tmp_path, HEAD + code(fixer, "After"), same)[0] is True


@pytest.mark.torch
def test_torchvision_makes_the_same_of_both() -> None:
    models = needs("torchvision.models")
    with pytest.warns(UserWarning, match="weights=None"):
        models.resnet18(pretrained=False)

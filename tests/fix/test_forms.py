"""The forms that each fixer repairs, and those it leaves alone; each in the forward of a small model."""

from __future__ import annotations

import textwrap

import pytest

from exportlint.config import ModelSpec, Settings
from exportlint.finding import TARGETS, Confidence
from exportlint.fix.run import proposed
from tests.findings import finding
from tests.fix.examples import HEAD, fixed, module, result

MODEL = """\
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
{body}


def inputs():
    return (torch.ones(2, 3),)
"""


def forward(body: str) -> str:
    """A file with a model whose forward has this body."""
    return HEAD + MODEL.format(body=textwrap.indent(textwrap.dedent(body).strip("\n"), " " * 8))


def made(folder, text: str, unsafe: bool = True, targets: tuple[str, ...] = TARGETS) -> str:
    spec = ModelSpec("net.py::Net", inputs="net.py::inputs", dynamic={"x": {0: "n", 1: "m"}})
    settings = Settings(folder, targets=targets, models=(spec,))
    return result(fixed(folder, text, settings, unsafe), text)


REPAIRED = {
    "len of an operation": ("return x * len(x + 1)", "return x * (x + 1).shape[0]"),
    "len within len": ("return x[: len(x[: len(x)])]", "return x[: x[: x.shape[0]].shape[0]]"),
    "len over lines": ("return x * len(\n    x\n    + 1\n)", "return x * (x\n    + 1).shape[0]"),
    "int of a name": ("n, m = x.shape\nreturn x.reshape(int(m), -1)", "n, m = x.shape\nreturn x.reshape(m, -1)"),
    "int of a sum in an operation": ("n = 2 * int(x.shape[1] + 1)\nreturn n", "n = 2 * (x.shape[1] + 1)\nreturn n"),
    "int over lines": ("n = int(\n    x.shape[0]\n    + 1\n)\nreturn n", "n = (x.shape[0]\n    + 1)\nreturn n"),
    "ceil of numpy": ("return x[: int(np.ceil(x.shape[0] / 3))]", "return x[: (x.shape[0] + 2) // 3]"),
    "ceil within int": ("return x[: int(math.ceil(x.size(0) / 3))]", "return x[: (x.size(0) + 2) // 3]"),
    "floor to a power": ("return x * math.floor(x.shape[0] / 2) ** 2", "return x * (x.shape[0] // 2) ** 2"),
    "divided by an attribute": (
        "self.by = 2\nreturn x[: math.ceil(x.shape[0] / self.by)]",
        "self.by = 2\nreturn x[: (x.shape[0] + self.by - 1) // self.by]",
    ),
    "root of a sum": ("return x * math.sqrt(x.shape[0] + 1)", "return x * (x.shape[0] + 1) ** 0.5"),
    "root to a power": ("return x * math.sqrt(x.shape[0]) ** 3", "return x * (x.shape[0] ** 0.5) ** 3"),
    "math of a local tensor": ("s = x.sum()\nreturn x * math.exp(s)", "s = x.sum()\nreturn x * torch.exp(s)"),
    "numpy": ("return np.sqrt(x) + 1", "return torch.sqrt(x) + 1"),
    "training by position": ("return F.dropout(x, 0.5, True)", "return F.dropout(x, 0.5, self.training)"),
    "training by name": (
        "return F.dropout(x, training=True, p=0.5)",
        "return F.dropout(x, training=self.training, p=0.5)",
    ),
    "ternary": ("y = x if x.sum() > 0 else -x\nreturn y", "y = torch.where(x.sum() > 0, x, -x)\nreturn y"),
    "not": ("if not x.sum() > 0:\n    return x\nreturn -x", "return torch.where(x.sum() > 0, -x, x)"),
    "any": ("if (x > 1).any():\n    x = -x\nreturn x", "x = torch.where((x > 1).any(), -x, x)\nreturn x"),
    "a number in one arm": ("return x if x.max() > 1 else -1.0", "return torch.where(x.max() > 1, x, -1.0)"),
    "item in the test": ("return x if x.max().item() > 1 else -x", "return torch.where(x.max() > 1, x, -x)"),
    "comments": (
        "if x.sum() > 0:  # one\n    # two\n    y = (\n        x * 2  # three\n    )\nelse:\n    y = -x  # four\n"
        "return y",
        "# one\n# two\n# three\ny = torch.where(x.sum() > 0, x * 2, -x)  # four\nreturn y",
    ),
    "tabs": ("if x.sum() > 0:\n\treturn x\nelse:\n\treturn -x", "return torch.where(x.sum() > 0, x, -x)"),
}  # fmt: skip

LEFT = {
    "a list": "return len([x, x])",
    "a comment that would be lost": "return x * len(  # rows\n    x\n)",
    "within an f-string": 'print(f"{len(x)}")\nreturn x',
    "an int of a quotient": "return x[: int(x.shape[0] / 2.5)]",
    "an int of a difference": "return x[: int((x.shape[0] - 9) / 2)]",
    "an int of a name bound twice": "n = x.shape[0]\nn = n * 0.5\nreturn x[: int(n)]",
    "a rounded root": "return x[: int(math.sqrt(x.shape[0]))]",
    "a number that math gets": "s = x.sum().item()\nreturn x * math.exp(s)",
    "numpy that stays numpy": "y = np.sqrt(x.numpy())\nreturn torch.from_numpy(y.round())",
    "arguments in a star": "given = (x, 0.5)\nreturn F.dropout(*given)",
    "arms that are no tensors": "kind = 'a' if x.sum() > 0 else 'b'\nreturn x, kind",
    "arms of two values": "if x.sum() > 0:\n    return x, x\nreturn x, -x",
    "arms that write in place": "if x.sum() > 0:\n    y = x.mul_(2)\nelse:\n    y = x\nreturn y",
    "arms that call the model": "if x.sum() > 0:\n    y = self.block(x)\nelse:\n    y = x\nreturn y",
    "arms of several statements": "if x.sum() > 0:\n    y = x * 2\n    z = y\nelse:\n    y = z = x\nreturn y + z",
    "arms for two names": "y = z = x\nif x.sum() > 0:\n    y = x * 2\nelse:\n    z = -x\nreturn y + z",
    "elif": "if x.sum() > 1:\n    y = x\nelif x.sum() > 0:\n    y = x * 2\nelse:\n    y = -x\nreturn y",
    "a number that was taken out": "s = x.sum().item()\nreturn x if s > 0 else -x",
    "a test of two parts": "return x if x.sum() > 0 and x.max() > 1 else -x",
    "a name that nothing bound before": "if x.sum() > 0:\n    y = x * 2\nreturn y",
}


@pytest.mark.parametrize(("old", "new"), REPAIRED.values(), ids=REPAIRED)
def test_repaired(old: str, new: str, folder):
    assert made(folder, forward(old)) == forward(new)


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT)
def test_left_alone(body: str, folder):
    assert made(folder, forward(body)) == forward(body)


def test_a_name_that_hides_the_library_is_not_taken_for_it(folder):
    body = "torch = x\nreturn x if x.sum() > 0 else -x"
    assert made(folder, forward(body)) == forward(body)


def test_the_file_s_own_names_for_libraries_are_used(folder):
    text = forward("return x if x.sum() > 0 else -x").replace("import torch\n", "import torch as th, torch\n")
    aliased = text.replace("x: torch", "x: th").replace("import torch as th, torch", "import torch as th")
    aliased = aliased.replace("torch.ones", "th.ones").replace("import torch.nn.functional as F\n", "")
    assert "th.where(x.sum() > 0, x, -x)" in made(folder, aliased)


def test_without_a_name_for_torch_nothing_is_chosen_with_it(folder):
    text = "from torch import nn, Tensor\n\n\nclass Net(nn.Module):\n    def forward(self, x: Tensor):\n"
    text += "        return x if x.sum() > 0 else -x\n\n\ndef inputs():\n    return ()\n"
    assert made(folder, text) == text
    where = text.replace("Tensor\n\n", "Tensor, where\n\n", 1)
    assert "return where(x.sum() > 0, x, -x)" in made(folder, where)


TENSORS = {
    "y: torch.Tensor": True,
    "y": False,
    "y: list": False,
    "y=None": False,
}
LOCALS = {
    "y = torch.zeros(2).exp()": True,
    "y = x.index(2)": False,
    "y = torch.zeros(2)\n    y = [y]": False,
    "y = torch.zeros(2)\n    y = y + 1": True,
    "for y in x: pass": False,
}


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        *((f"def rows({parameter}):\n    return y[: len(y)]\n", safe) for parameter, safe in TENSORS.items()),
        *((f"def rows(x):\n    {line}\n    return y[: len(y)]\n", safe) for line, safe in LOCALS.items()),
    ],
)
def test_what_only_some_callers_make_a_tensor_is_not_safely_fixed(text: str, safe: bool):
    text = f"import torch\n{text}"
    line = text.count("\n")
    place = finding(line, 16, end_column=22, path="net.py", rule="EXL201", confidence=Confidence.HIGH)
    (repaired,) = proposed([place], module(text))
    assert (repaired.fix.edits[0].text, repaired.fix.safe) == ("y.shape[0]", safe)


def test_dropout_outside_of_a_method_has_no_mode_to_follow(folder):
    text = forward("return drop(x)").replace("class Net", "def drop(x):\n    return F.dropout(x)\n\n\nclass Net")
    assert made(folder, text) == text


def test_a_method_without_self_has_no_mode_to_follow(folder):
    text = forward("return self.drop(x)")
    static = "\n    @staticmethod\n    def drop(x):\n        return F.dropout(x)\n"
    text = text.replace("return self.drop(x)\n", f"return self.drop(x)\n{static}")
    assert made(folder, text) == text


ANNOTATED = {
    "a negative default": ("n=-1", "n: int = -1"),
    "a text": ("n = 'a'", "n: str = 'a'"),
    "a switch": ("n=True", "n: bool = True"),
    "a number or None": ("n: float = None", "n: float | None = None"),
    "no type": ("n: callable = None", None),
    "a quoted type": ("n: 'int' = None", None),
}


@pytest.mark.parametrize(("old", "new"), ANNOTATED.values(), ids=ANNOTATED)
def test_annotations(old: str, new: str | None, folder):
    text = forward("return x if n is None else -x").replace("x: torch.Tensor", f"x: torch.Tensor, {old}")
    assert made(folder, text) == text.replace(old, new or old)


def test_optional_is_written_where_the_file_knows_it(folder):
    text = "from typing import Optional\n" + forward("return x if n is None else x * n")
    text = text.replace("x: torch.Tensor", "x: torch.Tensor, n: int = None")
    assert made(folder, text) == text.replace("n: int", "n: Optional[int]")


def test_decorated_functions_keep_their_annotations(folder):
    text = forward("return x * n").replace("x: torch.Tensor", "x: torch.Tensor, n=2")
    text = text.replace("    def forward", "    @torch.no_grad()\n    def forward")
    assert made(folder, text) == text


@pytest.mark.parametrize("line", ["x.data[:, 0] = 0", "x.data = y", "x.data.add_(1)", "x.data += 1"])
def test_what_is_written_through_data_is_left_alone(line: str, folder):
    text = forward(f"y = x * 2\n        {line}\n        return x")
    assert made(folder, text) == text


CONDITIONS = {
    "a method": (
        "return self.f(x) if x.sum() > 0 else -x",
        "return torch.cond(x.sum() > 0, lambda: self.f(x), lambda: -x)",
    ),
    "not": (
        "if not x.sum() > 0:\n    x = self.f(x)\nreturn x",
        "x = torch.cond(x.sum() > 0, lambda: x.clone(), lambda: self.f(x))\nreturn x",
    ),
    "one of several": (
        "return self.l[0](x) if x.amax() > 1 else self.l[1](x)",
        "return torch.cond(x.amax() > 1, lambda: self.l[0](x), lambda: self.l[1](x))",
    ),
    "computed with": (
        "return self.f(x) + 1 if x.sum() > 0 else -x",
        "return torch.cond(x.sum() > 0, lambda: self.f(x) + 1, lambda: -x)",
    ),
    "a view": ("return self.f(x) if x.sum() > 0 else x[1:]", None),
    "a number": ("return self.f(x) if x.sum() > 0 else 0", None),
    "a write": ("return self.f(x.mul_(2)) if x.sum() > 0 else x * 2", None),
    "a name bound": ("return self.f(y := x * 2) if x.sum() > 0 else x * 2", None),
    "two statements": ("if x.sum() > 0:\n    x = x * 2\n    x = self.f(x)\nreturn x", None),
}
PARTS = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.ModuleList([nn.Tanh()])

    def f(self, x):
        return x.exp()

"""


@pytest.mark.parametrize(("old", "new"), CONDITIONS.values(), ids=CONDITIONS)
def test_conditions(old: str, new: str | None, folder):
    text, after = (forward(body).replace("class Net(nn.Module):\n", PARTS) for body in (old, new or old))
    assert made(folder, text, targets=("export", "onnx")) == after


@pytest.mark.parametrize("other", ["trace", "onnx-ts"])
def test_what_traces_has_no_conditions(other: str, folder):
    old, _ = CONDITIONS["a method"]
    text = forward(old).replace("class Net(nn.Module):\n", PARTS)
    assert made(folder, text, targets=("onnx", other)) == text

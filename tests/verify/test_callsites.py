"""Calls that build and call a model, read from a project without running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from exportlint.config import Settings
from exportlint.verify import callsites

NET = "class Net:\n    pass\n"


def calls(project: Path, entry: str = "net.py::Net") -> tuple[dict, ...]:
    return callsites.found(Settings(root=project), [entry])[entry]


@pytest.fixture
def net(project: Path) -> Path:
    (project / "net.py").write_text(NET)
    return project


def test_arguments_and_inputs_of_a_script(net: Path) -> None:
    (net / "train.py").write_text(
        "import torch\nfrom torch import nn\nfrom net import Net\n\nWIDTH = 4 * 8\n\n"
        "def main():\n    model = Net(WIDTH, act=nn.ReLU(), sizes=(1, 2), drop=rate).eval()\n"
        "    x = torch.randn(2, 3, WIDTH)\n    y = model(x, mask=torch.ones(2, 3).bool())\n"
    )
    (call,) = calls(net)
    assert call == {
        "at": "train.py:8",
        "args": [32],
        "kwargs": {"act": {"make": "torch.nn:ReLU"}, "sizes": [1, 2]},
        "inputs": {"args": ["float32[2, 3, 32]"], "kwargs": {"mask": "bool[2, 3]"}},
        "home": None,
    }


def test_code_in_markdown(net: Path) -> None:
    (net / "README.md").write_text(
        "# Net\n\n```python\nimport torch\nfrom net import Net, Body\nv = Net(body=Body(dim=8))\n"
        "v(torch.randint(0, 20, (1, 8)))\n```\n\n```python\nnet = Net(...\n```\n"
    )
    (call,) = calls(net)
    assert call["kwargs"] == {"body": {"make": "net:Body", "dim": 8}}
    assert call["inputs"] == {"args": ["int64[1, 8] < 20"], "kwargs": {}}
    assert call["at"] == "README.md:4"


def test_another_class_of_that_name_is_not_meant(net: Path) -> None:
    (net / "other.py").write_text("class Net:\n    pass\n\nNet(3)\n")
    assert calls(net) == ()


@pytest.mark.parametrize(
    "source",
    ["Net(width)", "Net(*sizes)", "Net(open('x').read())", "x = 1\nx = 2\nNet(x)", "Net(2 ** 10 ** 10)", "Net(9 // 0)"],
)
def test_what_is_known_by_running_only_is_left_out(net: Path, source: str) -> None:
    (net / "use.py").write_text(source)
    assert calls(net) == ()


def test_calls_with_inputs_come_first_and_none_twice(net: Path) -> None:
    (net / "a.py").write_text("Net(1)\nNet(1)\n")
    (net / "b.py").write_text("import torch\nm = Net(2)\nm(torch.zeros(3, dtype=torch.long))\n")
    first, second = calls(net)
    assert (first["args"], second["args"], second["at"]) == ([2], [1], "a.py:1")
    assert first["inputs"] == {"args": ["int64[3] < 2"], "kwargs": {}}

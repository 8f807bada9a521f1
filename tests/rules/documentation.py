"""The models in the documentation of a rule, made into fixtures: what the page shows is run like any other model."""

from __future__ import annotations

import ast
import re

from exportlint.rule import Rule
from tests.rules.fixture import Fixture, Model

BAD, GOOD = "Example", "Use instead"
HEAD = """import copy
import functools
import math
import random
from dataclasses import dataclass
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

"""
"""What every example takes for granted."""

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INPUTS = {
    ("EXL103", BAD): "(torch.randn(8, 8), torch.tensor(3))",
    ("EXL103", GOOD): "(torch.randn(8, 8), torch.tensor(3))",
    ("EXL201", BAD): "(torch.tensor([2, 3]),)",
    ("EXL201", GOOD): "(torch.tensor([2, 3]), torch.zeros(5))",
    ("EXL306", BAD): "(torch.randn(2, 8, 8),)",
    ("EXL306", GOOD): "(torch.randn(2, 8, 8),)",
    ("EXL302", BAD): "(torch.randn(1, 3, 10, 10),)",
    ("EXL302", GOOD): "(torch.randn(1, 3, 10, 10),)",
    ("EXL603", BAD): "(torch.zeros(2, 3), torch.ones(2))",
    ("EXL603", GOOD): "(torch.zeros(2, 3), torch.ones(2))",
    ("EXL702", BAD): "(torch.randn(2, 3),)",
    ("EXL702", GOOD): "(torch.randn(2, 3),)",
}
"""Arguments of the examples that want others than torch.randn(8, 8) for each tensor."""

DYNAMIC = {
    ("EXL102", BAD): {"x": {0: "n"}},
    ("EXL102", GOOD): {"x": {0: "n"}},
    ("EXL201", GOOD): {"frames": {0: "n"}},
    ("EXL301", BAD): {"x": {1: "n"}},
    ("EXL301", GOOD): {"x": {1: "n"}},
    ("EXL303", BAD): {"x": {0: "n"}},
    ("EXL303", GOOD): {"x": {0: "n"}},
    ("EXL305", BAD): {"x": {0: "n"}},
    ("EXL305", GOOD): {"x": {0: "n"}},
    ("EXL306", BAD): {"x": {1: "n"}},
    ("EXL306", GOOD): {"x": {1: "n"}},
    ("EXL302", BAD): {"x": {2: "height", 3: "width"}},
    ("EXL302", GOOD): {"x": {2: "height", 3: "width"}},
}
"""Axes that the claim of an example needs to be dynamic."""


def blocks(rule: Rule, heading: str) -> list[str]:
    """The Python code under one heading of a rule's documentation."""
    section = re.split(r"^## ", rule.documentation, flags=re.MULTILINE)
    text = next(part for part in section if part.startswith(f"{heading}\n"))
    return _BLOCK.findall(text)


def example(rule: Rule, heading: str, number: int = 0) -> Fixture:
    """One block as a fixture without markers. Its model is the last class; StopIteration where there is none."""
    text = HEAD + blocks(rule, heading)[number]
    models = [s for s in ast.parse(text).body if isinstance(s, ast.ClassDef) and _forward(s)]
    last = models[-1]
    own = {t.id: s.value for s in last.body if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name)}
    inputs = ast.unparse(own["inputs"]) if "inputs" in own else INPUTS.get((rule.code, heading)) or _inferred(last)
    lines = len(text.splitlines())
    model = Model(last.name, 1, lines, inputs, dynamic=DYNAMIC.get((rule.code, heading), {}))
    name = f"{rule.name.replace('-', '_')}_{'bad' if heading == BAD else 'good'}{number or ''}"
    return Fixture(name, text, (model,), ())


def _forward(cls: ast.ClassDef) -> ast.FunctionDef | None:
    return next((s for s in cls.body if isinstance(s, ast.FunctionDef) and s.name == "forward"), None)


def _inferred(cls: ast.ClassDef) -> str:
    """A tensor for each parameter of forward that has no default."""
    forward = _forward(cls)
    assert forward is not None
    wanted = forward.args.args[1 : len(forward.args.args) - len(forward.args.defaults)]
    return f"({''.join('torch.randn(8, 8), ' for _ in wanted)})"

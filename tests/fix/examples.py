"""The examples in the documentation of the fixers, as files that can be checked, run and exported."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exportlint.check import check
from exportlint.config import ModelSpec, Settings
from exportlint.finding import TARGETS, Finding, Report
from exportlint.fix.fixer import Fixer, all_fixers
from exportlint.fix.run import Fixed, until_stable
from exportlint.source.module import Module

HEAD = """\
import copy
import math

import numpy as np
import torch
import torch.nn.functional as F
import torch.utils.checkpoint
from torch import nn


"""
_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Example:
    """How a fixer's example is exported: `inputs` is source text; `repaired` are the targets that failed before.

    It is checked for `targets`.
    """

    inputs: str
    repaired: tuple[str, ...]
    dynamic: Mapping[str, Mapping[int, str]]
    targets: tuple[str, ...] = TARGETS


SIZES = {"x": {0: "batch", 1: "length"}}

EXAMPLES = {
    "checkpoint-without-reentry": Example("(torch.randn(2, 3),)", ("trace", "export", "onnx-ts"), {}),
    "cond-for-branch": Example("(torch.randn(2, 5),)", ("export", "onnx"), {}, ("export", "onnx")),
    "clone-for-deepcopy": Example("(torch.randn(2, 5),)", ("trace", "export", "onnx-ts"), {}),
    "local-for-attribute": Example("(torch.randn(2, 5),)", ("script",), {}),
    "loop-for-index": Example("(torch.randn(2, 3),)", ("script",), {}),
    "operator-for-method": Example("(torch.randn(2, 5),)", ("script",), {}),
    "tensor-for-item": Example("(torch.randn(2, 5),)", ("trace", "onnx-ts"), {}),
    "annotation-for-default": Example("(torch.randn(2, 3),)", ("script",), {}),
    "detach-for-data": Example("(torch.randn(2, 5),)", ("trace", "export", "onnx-ts"), {}),
    "floor-division-of-size": Example("(torch.randn(2, 5),)", ("trace", "onnx-ts", "onnx"), SIZES),
    "power-for-sqrt": Example("(torch.randn(2, 5),)", ("trace", "export", "onnx-ts", "onnx"), SIZES),
    "shape-for-len": Example("(torch.randn(2, 5, 3),)", ("trace", "export", "onnx-ts"), SIZES),
    "size-without-int": Example("(torch.randn(2, 5, 3),)", ("trace", "export", "onnx-ts"), SIZES),
    "torch-for-math": Example("(torch.randn(2, 5),)", ("trace", "export", "onnx-ts"), {}),
    "torch-for-numpy": Example("(torch.randn(2, 5),)", ("trace", "export", "onnx-ts"), {}),
    "training-for-dropout": Example("(torch.randn(2, 50),)", ("onnx", "onnx-ts"), {}),
    "where-for-branch": Example("(torch.randn(2, 5),)", ("trace", "export", "onnx-ts"), {}),
}
"""By the name of the fixer."""

FIXERS = {fixer.name: fixer for fixer in all_fixers() if fixer.rule < "EXL8"}  # those of scripts: tests/sites


def before(fixer: Fixer) -> str:
    """A file that holds the example before its fix, with a function for its inputs."""
    return _file(fixer, "Before")


def after(fixer: Fixer) -> str:
    """The file as the fix leaves it."""
    return _file(fixer, "After")


def model(fixer: Fixer) -> str:
    """The name of the example's model."""
    return re.search(r"class (\w+)", fixer.section("Before"))[1]


def settings(folder: Path, fixer: Fixer) -> Settings:
    """The example's targets, and the example declared as the model of `net.py`."""
    spec = ModelSpec(f"net.py::{model(fixer)}", inputs="net.py::inputs", dynamic=EXAMPLES[fixer.name].dynamic)
    return Settings(folder, targets=EXAMPLES[fixer.name].targets, models=(spec,))


def module(text: str) -> Module:
    """A file `net.py` of this text."""
    return Module("net.py", "", Path(), False, text, ast.parse(text))


def found(folder: Path, fixer: Fixer, text: str) -> Report:
    """What is found in the example, or in a text in its place."""
    (folder / "net.py").write_text(text, "utf-8")
    return check([folder / "net.py"], settings(folder, fixer), cache=False)


def fixed(folder: Path, text: str, settings: Settings, unsafe: bool = True) -> Fixed:
    """What is made of a file `net.py` in the working folder, notes included."""
    (folder / "net.py").write_text(text, "utf-8")

    def wanted(finding: Finding) -> bool:
        return finding.fix.safe or unsafe

    return until_stable(
        lambda texts: check([Path("net.py")], settings, cache=False, texts=texts, fixes=True), {}, wanted
    )


def result(fixed: Fixed, text: str) -> str:
    """The text of the one file after the fixes."""
    return fixed.changes[0].after if fixed.changes else text


def _file(fixer: Fixer, heading: str) -> str:
    (code,) = _BLOCK.findall(fixer.section(heading))
    return f"{HEAD}{code}\n\ndef inputs():\n    return {EXAMPLES[fixer.name].inputs}\n"

"""The usual flow of a tutorial: each real fault is named, and no other; running it shows which are real.

A flow is a file of steps, functions without parameters. `# FAULT EXL801 differs` marks a line whose fault shows when
its step is run: it raises, returns a pair that ought to be equal and is not, warns, or passes though nothing was
compared. A mark in a model says `in` which step it raises.
"""

from __future__ import annotations

import ast
import importlib
import re
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest

from exportlint.check import check
from exportlint.config import Settings
from tests.rules.expectations import LOUD

FLOWS = {file.stem: file for file in Path(__file__).with_name("flow").glob("[a-z]*.py")}
_FAULT = re.compile(r"# FAULT (EXL\d{3}) (raises|differs|warns|passes)(?: in (\w+))?")
_HELPERS = ("trained", "written")  # make what steps begin with


@dataclass(frozen=True)
class Fault:
    """A marked line, the rule that finds it, how it shows and in which step. `model`: it stands in a model."""

    line: int
    rule: str
    how: str
    step: str
    model: bool


def functions(flow: str) -> list[ast.FunctionDef]:
    """The functions of a flow."""
    return [n for n in ast.parse(FLOWS[flow].read_text("utf-8")).body if isinstance(n, ast.FunctionDef)]


def faults(flow: str) -> list[Fault]:
    """The marked lines of a flow."""
    found = []
    for number, line in enumerate(FLOWS[flow].read_text("utf-8").splitlines(), 1):
        if mark := _FAULT.search(line):
            inside = [node.name for node in functions(flow) if node.lineno <= number <= node.end_lineno]
            found.append(Fault(number, mark[1], mark[2], mark[3] or inside[0], bool(mark[3])))
    return found


STEPS = [
    (flow, node.name) for flow in FLOWS for node in functions(flow) if not node.args.args and node.name not in _HELPERS
]


@pytest.mark.parametrize("flow", FLOWS)
def test_each_fault_is_named_and_no_other(flow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flow.py").write_text(FLOWS[flow].read_text("utf-8"), "utf-8")
    report = check([Path("flow.py")], Settings(tmp_path), cache=False)
    found = [(finding.span.line, finding.rule) for finding in report.findings if finding.severity in LOUD]
    assert sorted(found) == sorted((fault.line, fault.rule) for fault in faults(flow))


@pytest.mark.torch
@pytest.mark.parametrize(("flow", "step"), STEPS)
def test_running_it_shows_which_faults_are_real(flow: str, step: str, tmp_path: Path, monkeypatch) -> None:
    import torch

    module = importlib.import_module(f"tests.sites.flow.{flow}")
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        shown, lines = _shown(module, step)
    if any("dynamic_axes" in str(one.message) and "dynamo=True" in str(one.message) for one in warned):
        shown.add("warns")
    expected = [fault for fault in faults(flow) if fault.step == step and fault.how != "passes"]
    assert shown == {fault.how for fault in expected}
    assert {fault.line for fault in expected if fault.model} <= lines


def _shown(module, step: str) -> tuple[set[str], set[int]]:
    """How a step ends, and where in the file it was when it raised."""
    import torch

    try:
        pair = getattr(module, step)()
    except Exception as error:  # whatever torch, onnx or the runtime raise
        return {"raises"}, _lines(module.__file__, error)
    if pair is None:
        return set(), set()
    tensors = isinstance(pair[0], torch.Tensor)
    same = torch.allclose(*pair, rtol=1e-3, atol=1e-4) if tensors else pair[0] == pair[1]
    return set() if same else {"differs"}, set()


def _lines(file: str, error: BaseException | None) -> set[int]:
    lines: set[int] = set()
    while error is not None:
        stack = traceback.extract_tb(error.__traceback__)
        for one in stack:
            if one.filename == file:
                lines |= set(range(one.lineno, (one.end_lineno or one.lineno) + 1))
        error = error.__cause__ or error.__context__
    return lines

"""The usual flow of a tutorial: each real fault is named, and no other; running it shows which are real."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path

import pytest

from exportlint.check import check
from exportlint.config import Settings
from tests.rules.expectations import LOUD

FLOW = Path(__file__).parent / "flow" / "classifier.py"
_FAULT = re.compile(r"# FAULT (EXL\d{3}) (raises|differs|warns|passes)")
STEPS = [
    node.name
    for node in ast.parse(FLOW.read_text("utf-8")).body
    if isinstance(node, ast.FunctionDef) and not node.args.args
]


def faults() -> list[tuple[int, str, str]]:
    """Line, rule and what running it shows, of each marked line."""
    lines = FLOW.read_text("utf-8").splitlines()
    return [(number, *found.groups()) for number, line in enumerate(lines, 1) if (found := _FAULT.search(line))]


def test_each_fault_is_named_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "classifier.py").write_text(FLOW.read_text("utf-8"), "utf-8")
    report = check([Path("classifier.py")], Settings(tmp_path), cache=False)
    found = [(finding.span.line, finding.rule) for finding in report.findings if finding.severity in LOUD]
    assert sorted(found) == sorted((line, rule) for line, rule, _ in faults())


@pytest.mark.torch
@pytest.mark.parametrize("step", STEPS)
def test_running_it_shows_which_faults_are_real(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from tests.sites.flow import classifier

    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        shown = _shown(classifier, step)
    if any("dynamic_axes" in str(one.message) for one in warned):
        shown.add("warns")
    assert shown == {how for line, _, how in faults() if _step_of(line) == step and how != "passes"}


def _shown(classifier, step: str) -> set[str]:
    import torch

    try:
        pair = getattr(classifier, step)()
    except Exception:  # whatever torch, onnx or the runtime raise
        return {"raises"}
    if pair is None:
        return set()
    same = torch.equal(*pair) if isinstance(pair[0], torch.Tensor) else pair[0] == pair[1]
    return set() if same else {"differs"}


def _step_of(line: int) -> str:
    tree = ast.parse(FLOW.read_text("utf-8"))
    return next(n.name for n in tree.body if isinstance(n, ast.FunctionDef) and n.lineno <= line <= n.end_lineno)

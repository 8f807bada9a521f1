"""No claim without a run: what a fixture claims of a model and a target, torch must back.

A bad model must fail or compute something else for each target that a finding names, on its line. For all others, and
a good model for all, it must export and agree. An export for `onnx` takes seconds, so a sample of them is run;
EXPORTLINT_FULL=1 runs all.
"""

from __future__ import annotations

import os
import random
from functools import cache
from pathlib import Path

import pytest

from exportlint.finding import TARGETS, Finding
from tests.rules.expectations import claims, findings
from tests.rules.fixture import Fixture, Model, all_fixtures, fixture_of, model_rules
from tests.rules.proof import exported, objections

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]
ONNX_EXPORTS = 60  # models exported for `onnx` in the regular suite, over all rules


def _sampled(fixture: Fixture) -> set[str]:
    """The models of a fixture that are exported for `onnx`: bad and good ones by turns, the same in each run."""
    if os.environ.get("EXPORTLINT_FULL"):
        return {model.name for model in fixture.models}
    share = max(2, ONNX_EXPORTS // len(model_rules()))
    draw = random.Random(fixture.name)
    marked = [model.name for model in fixture.models if fixture.of(model)]
    plain = [model.name for model in fixture.models if not fixture.of(model)]
    bad = draw.sample(marked, min(len(marked), share - share // 2))
    return {*bad, *draw.sample(plain, min(len(plain), share - len(bad)))}


CASES = {
    f"{fixture.name}-{model.name}-{target}": (fixture, model, target)
    for fixture in all_fixtures()
    for model in fixture.models
    for target in TARGETS
    if target != "onnx" or model.name in _sampled(fixture)
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all fixtures: a model's file is imported once."""
    return tmp_path_factory.mktemp("proof")


@cache
def _found(name: str, folder: Path) -> tuple[Finding, ...]:
    return findings(fixture_of(name), folder)


@pytest.mark.parametrize(("fixture", "model", "target"), CASES.values(), ids=CASES)
def test_torch_backs_what_is_claimed(
    fixture: Fixture, model: Model, target: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    claimed = claims(fixture, model, target, _found(fixture.name, project))
    wrong = objections(claimed, exported(fixture, model, target, project), fixture.file)
    assert not wrong, "\n" + "\n".join(wrong)

"""The examples in the documentation of each rule are found and fail, what to use instead is silent and exports."""

from __future__ import annotations

from pathlib import Path

import pytest

from exportlint.finding import Finding
from exportlint.rule import Rule
from tests.rules.documentation import BAD, GOOD, blocks, example
from tests.rules.expectations import LOUD, Claims, findings
from tests.rules.fixture import Fixture, model_rules
from tests.rules.proof import exported, objections

pytestmark = pytest.mark.filterwarnings("ignore")
EXAMPLES = {
    f"{rule.name}-{heading.lower().replace(' ', '-')}{number or ''}": (rule, heading, number)
    for rule in model_rules()
    for heading in (BAD, GOOD)
    for number in range(len(blocks(rule, heading)))
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documentation")


def _loud(fixture: Fixture, folder: Path) -> list[Finding]:
    return [finding for finding in findings(fixture, folder) if finding.severity in LOUD]


@pytest.mark.parametrize("rule", model_rules(), ids=lambda rule: rule.name)
def test_every_rule_shows_an_example_and_what_to_use_instead(rule: Rule) -> None:
    assert blocks(rule, BAD)
    assert blocks(rule, GOOD)


@pytest.mark.parametrize(("rule", "heading", "number"), EXAMPLES.values(), ids=EXAMPLES)
def test_only_the_bad_example_is_found(
    rule: Rule, heading: str, number: int, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    found = _loud(example(rule, heading, number), project)
    if heading == BAD:
        assert rule.code in {finding.rule for finding in found}
    else:
        assert found == []


EXPORTS = {f"{name}-{target}": (*one, target) for name, one in EXAMPLES.items() for target in one[0].targets}


@pytest.mark.torch
@pytest.mark.parametrize(("rule", "heading", "number", "target"), EXPORTS.values(), ids=EXPORTS)
def test_torch_backs_the_documentation(
    rule: Rule, heading: str, number: int, target: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the targets that the rule names: a bad example fails where it is found, what to use instead exports."""
    monkeypatch.chdir(project)
    fixture = example(rule, heading, number)
    claimed = Claims(tuple(finding for finding in _loud(fixture, project) if target in finding.targets))
    result = exported(fixture, fixture.models[0], target, project)
    wrong = objections(claimed, result, fixture.file)
    assert not wrong, "\n" + "\n".join(wrong)

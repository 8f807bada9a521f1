"""Every rule about scripts finds what its fixture says; and what the fixture says, torch does."""

from __future__ import annotations

from pathlib import Path

import pytest

from exportlint.finding import Severity
from exportlint.rule import Rule
from tests.rules.documentation import BAD, GOOD, blocks
from tests.rules.expectations import LOUD, claimed, findings, problems, targets_of
from tests.rules.fixture import Fixture
from tests.sites.scripts import FOLDER, Script, fixture_of, scripts, site_rules, tried
from tests.sites.standing import needs

RULES = {rule.name: rule for rule in site_rules()}
SCRIPTS = {f"{rule.name}-{one.name}": one for rule in site_rules() for one in scripts(fixture_of(rule))}
HEAD = """import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(self.fc(x))


x = torch.randn(2, 4)
weights = Net().state_dict()


def script():
"""
"""What every example takes for granted."""


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_findings_are_those_of_the_fixture(rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fixture = fixture_of(rule)
    wrong = problems(fixture, findings(fixture, tmp_path))
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_target_that_a_rule_names_is_claimed(rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fixture = fixture_of(rule)
    found = findings(fixture, tmp_path)
    markers = [marker for marker in fixture.markers if (marker.kind, marker.rule) == ("EXPECT", rule.code)]
    assert frozenset().union(*(targets_of(marker, found) for marker in markers)) == set(rule.targets)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_fixture_shows_what_is_bad_and_what_is_good(rule: Rule) -> None:
    found = list(scripts(fixture_of(rule)))
    assert 0 < sum(bool(one.markers) for one in found) < len(found)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_an_error_is_one_that_raises_or_differs(rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fixture = fixture_of(rule)
    found = findings(fixture, tmp_path)
    for one in scripts(fixture):
        backed = [f for marker in one.markers for f in claimed(marker, found) if marker.kind == "EXPECT"]
        if any(finding.severity is Severity.ERROR for finding in backed):
            assert one.claim in ("Raises", "Differs"), one.name
        assert not backed or one.claim != "Agrees" or all(f.severity is Severity.WARNING for f in backed)


def test_every_fixture_is_that_of_a_rule() -> None:
    assert {file.stem for file in FOLDER.glob("*.py")} == {name.replace("-", "_") for name in RULES}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("heading", [BAD, GOOD])
def test_only_the_bad_example_is_found(rule: Rule, heading: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for code in blocks(rule, heading):
        text = HEAD + "".join(f"    {line}\n" for line in code.splitlines())
        found = {f.rule for f in findings(Fixture("example", text, (), ()), tmp_path) if f.severity in LOUD}
        assert found == ({rule.code} if heading == BAD else set()) or (heading == BAD and rule.code in found)


@pytest.mark.torch
@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_torch_does_what_is_claimed(script: Script, tmp_path: Path) -> None:
    for library in ("torchvision", "coremltools"):
        if f"import {library}" in script.fixture.text:
            needs(library)
    assert tried(script, tmp_path) is None

"""Every rule finds what its fixture says, and stays silent everywhere else. Needs no torch."""

from __future__ import annotations

from pathlib import Path

import pytest

from exportlint.rule import Rule
from tests.rules.expectations import findings, problems, targets_of
from tests.rules.fixture import FOLDER, fixture_of, model_rules

RULES = {rule.name.replace("-", "_"): rule for rule in model_rules()}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_findings_are_those_of_the_fixture(rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fixture = fixture_of(rule.name)
    wrong = problems(fixture, findings(fixture, tmp_path))
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_target_that_a_rule_names_is_claimed_by_its_fixture(
    rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fixture = fixture_of(rule.name)
    found = findings(fixture, tmp_path)
    markers = [marker for marker in fixture.markers if (marker.kind, marker.rule) == ("EXPECT", rule.code)]
    assert frozenset().union(*(targets_of(marker, found) for marker in markers)) == set(rule.targets)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_fixture_shows_what_is_bad_and_what_is_good(rule: Rule) -> None:
    fixture = fixture_of(rule.name)
    bad = [model.name for model in fixture.models if any(m.kind in ("EXPECT", "MISSED") for m in fixture.of(model))]
    assert 0 < len(bad) < len(fixture.models)


def test_every_fixture_is_that_of_a_rule() -> None:
    assert {file.stem for file in FOLDER.glob("*.py")} - {"__init__"} <= set(RULES)

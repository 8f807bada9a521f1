"""Every fixer does what its documentation shows, and no fixer is without a proof."""

import pytest

from exportlint.fix.fixer import HEADINGS, BadFixer, Fixer, _load, all_fixers, fixers_of, repaired_rules
from exportlint.rule import all_rules
from tests.fix.examples import EXAMPLES, FIXERS, after, before, fixed, result, settings


def test_every_fixer_has_a_proof():
    assert set(EXAMPLES) == set(FIXERS)


@pytest.mark.parametrize("fixer", FIXERS.values(), ids=FIXERS)
def test_before_becomes_after(fixer: Fixer, folder):
    done = fixed(folder, before(fixer), settings(folder, fixer))
    assert result(done, before(fixer)) == after(fixer)
    assert done.fixes >= 1
    assert fixer.rule in {finding.rule for finding in done.found.findings}


@pytest.mark.parametrize("fixer", FIXERS.values(), ids=FIXERS)
def test_after_stays_as_it_is(fixer: Fixer, folder):
    assert fixed(folder, after(fixer), settings(folder, fixer)).changes == ()


@pytest.mark.parametrize("fixer", FIXERS.values(), ids=FIXERS)
def test_the_safety_is_as_documented(fixer: Fixer, folder):
    done = fixed(folder, before(fixer), settings(folder, fixer), unsafe=False)
    said = fixer.section("Safety").partition(" ")[0].rstrip(":,")
    assert {"Safe": True, "Unsafe": False}[said] == bool(done.changes)


def test_fixers_are_of_rules_that_exist():
    codes = {rule.code for rule in all_rules()}
    assert {fixer.rule for fixer in FIXERS.values()} <= codes
    assert [fixer.name for fixer in fixers_of("EXL601")] == ["training-for-dropout"]
    assert FIXERS["shape-for-len"].summary == "`len(x)` of a tensor becomes `x.shape[0]`."


def test_the_rules_with_fixers_are_told_without_importing_any():
    assert repaired_rules() == {fixer.rule for fixer in all_fixers()}


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_fixer_without_a_heading_is_refused(heading):
    module = type("Module", (), {"FIXER": FIXERS["shape-for-len"]})
    module.__doc__ = FIXERS["shape-for-len"].documentation.replace(f"## {heading}", "## Else")
    with pytest.raises(BadFixer, match=heading):
        _load("shape_for_len", module)

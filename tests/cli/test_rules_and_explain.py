"""`exportlint rules` and `exportlint explain`."""

import json

import pytest

from exportlint.catalogue import documented


def test_every_rule_has_its_line(exportlint):
    lines = exportlint("rules").out.splitlines()
    assert [line.split()[:2] for line in lines] == [[rule.code, rule.name] for rule in documented()]
    assert all(line.endswith(rule.summary) for line, rule in zip(lines, documented(), strict=True))


def test_rules_as_json(exportlint):
    rules = json.loads(exportlint("rules", "--output-format", "json").out)
    assert [list(rule) for rule in rules] == [["code", "name", "targets", "since", "until", "summary"]] * len(
        documented()
    )
    assert rules[0]["code"] == "EXL001"


@pytest.mark.parametrize("rule", documented(), ids=lambda rule: rule.code)
def test_every_rule_is_explained_by_code_and_by_name(exportlint, rule):
    ended = exportlint("explain", rule.code)
    assert ended.status == 0
    assert ended.out.startswith(f"# {rule.code} {rule.name}\n\nTargets: ")
    assert rule.documentation.strip() + "\n" in ended.out
    assert exportlint("explain", rule.name) == exportlint("explain", rule.code.lower()) == ended


def test_an_explanation_shows_what_fixes_make_of_it(exportlint):
    _, head, fixes = exportlint("explain", "EXL201").out.partition(
        "\n## Fix: `len(x)` of a tensor becomes `x.shape[0]`.\n"
    )
    assert head
    assert "x.reshape(len(x), -1)" in fixes.partition("\nbecomes\n")[0]
    assert "x.reshape(x.shape[0], -1)" in fixes.partition("\nbecomes\n")[2]
    assert "\nSafe where the function itself shows" in fixes
    assert "## Fix" not in exportlint("explain", "EXL001").out


def test_an_explanation_as_json(exportlint):
    page = json.loads(exportlint("explain", "EXL001", "--output-format", "json").out)
    assert (page["code"], page["name"]) == ("EXL001", "unused-suppression")
    assert page["documentation"] == documented()[0].documentation.strip()


@pytest.mark.parametrize(
    ("word", "meant"),
    [("EXL00I", "EXL001"), ("exl00i", "EXL001"), ("unused-supression", "unused-suppression")],
)
def test_an_unknown_rule_is_answered_with_the_nearest(exportlint, word, meant):
    ended = exportlint("explain", word)
    assert (ended.status, ended.out) == (2, "")
    assert (
        ended.err == f'exportlint: error: no rule "{word}" (did you mean "{meant}"?); `exportlint rules` lists them\n'
    )

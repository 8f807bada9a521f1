"""How each format shows a fix."""

import json
from pathlib import Path

from exportlint.catalogue import documented
from exportlint.finding import Edit, Fix, Span
from exportlint.report import sarif, text
from exportlint.report.view import View
from tests.findings import finding, report

LINES = "🙂 = 1\nn = len(x)\n"
FIX = Fix(
    "take the size from the shape",
    (
        Edit(Span("src/net.py", 2, 5, 2, 11), "x.shape[0]"),
        Edit(Span("src/net.py", 1, 2, 1, 2), "\nimport torch"),
    ),
    True,
)


def view() -> View:
    return View(root=Path(), rules=documented, texts={"src/net.py": LINES})


def test_text_names_the_option_that_makes_it():
    shown = text.render(report(finding(line=2, fix=FIX)), view())
    assert "= fix: take the size from the shape (--fix)\n" in shown
    unsafe = Fix("do more", FIX.edits, False)
    assert "= fix: do more (--fix --unsafe-fixes)\n" in text.render(report(finding(line=2, fix=unsafe)), view())


def results(*findings) -> list[dict]:
    return json.loads(sarif.render(report(*findings), view()))["runs"][0]["results"]


def test_sarif_says_what_is_deleted_and_what_is_inserted():
    (result,) = results(finding(line=2, fix=FIX))
    (fix,) = result["fixes"]
    assert fix["description"] == {"text": "take the size from the shape"}
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"] == {"uri": "src/net.py", "uriBaseId": "SRCROOT"}
    replaced, inserted = change["replacements"]
    assert replaced == {
        "deletedRegion": {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 11},
        "insertedContent": {"text": "x.shape[0]"},
    }
    region = inserted["deletedRegion"]
    assert (region["startColumn"], region["endColumn"]) == (3, 3)  # behind a character of two UTF-16 units


def test_sarif_warns_of_an_unsafe_fix():
    (result,) = results(finding(line=2, fix=Fix("do more", FIX.edits, False)))
    assert result["fixes"][0]["description"]["text"] == "do more (unsafe: it may change what eager PyTorch computes)"


def test_a_finding_without_fix_has_no_key_for_it():
    (result,) = results(finding(line=2))
    assert "fixes" not in result

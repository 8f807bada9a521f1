"""The pages of the rules in docs/ are those that the rule files hold today."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_pages_of_the_rules_are_current():
    pages = runpy.run_path(str(ROOT / "tools" / "generate_docs.py"))["pages"]()
    written = {file.name: file.read_text("utf-8") for file in (ROOT / "docs" / "rules").glob("*.md")}
    assert sorted(written) == sorted(pages), "run tools/generate_docs.py"
    assert written == pages, "run tools/generate_docs.py"


def test_the_table_of_attacks_is_current():
    security = runpy.run_path(str(ROOT / "tools" / "generate_docs.py"))["security"]()
    assert security.count("\n| ") > 60
    assert (ROOT / "SECURITY.md").read_text("utf-8") == security, "run tools/generate_docs.py"


def test_the_pages_about_operators_are_current():
    for name, text in runpy.run_path(str(ROOT / "tools" / "generate_docs.py"))["about_operators"]().items():
        assert (ROOT / "docs" / name).read_text("utf-8") == text, f"{name}: run tools/generate_docs.py"

"""The figures that bench-fix writes on the page on fixes: sums of their rows, in the page that stands in docs too."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (
    "Before.\n<!-- packages: here -->\nold\n<!-- end -->\nBetween.\n<!-- models: here -->\nold\n<!-- end -->\nBehind.\n"
)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch):
    """The benchmark, whose modules import each other as the scripts that they are."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import bench_fix

    return bench_fix


def outcomes(bench):
    rows = ((3, 1.5, 10, 2, 0.5, 4, 3, 0.25), (1_200, 20.0, 1_000, 300, 40.5, 7, 310, 9.5))
    modes = [{"safe": bench.Fixed(*row[2:5]), "unsafe": bench.Fixed(*row[5:])} for row in rows]
    return [bench.Outcome(f"p{i}", "key", row[0], row[1], modes[i]) for i, row in enumerate(rows)]


def table(text: str, part: str) -> list[list[str]]:
    """The rows of a part's table, without its head."""
    inside = text.partition(f"<!-- {part}:")[2].partition("<!-- end -->")[0]
    lines = [line for line in inside.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def number(cell: str) -> float:
    return float(cell.replace(",", ""))


def unsummed(rows: list[list[str]]) -> list[tuple[str, float]]:
    """Figures of the last row that are not the sums of those above, by more than these were rounded."""
    *parts, whole = ([number(cell) for cell in row[1:]] for row in rows)
    sums = [sum(column) for column in zip(*parts, strict=True)]
    rounding = [0.05 * (len(parts) + 1) + 1e-6 if "." in cell else 0 for cell in rows[-1][1:]]
    return [(cell, made) for cell, made, off in zip(whole, sums, rounding, strict=True) if abs(cell - made) > off]


def test_the_last_row_is_what_the_others_come_to(bench):
    text = bench.fixes_page.page(PAGE, outcomes(bench), None)
    rows = table(text, "packages")
    assert rows[0] == ["p0", "3", "1.5", "10", "2", "0.5", "4", "3", "0.2"]
    assert rows[-1] == ["together", "1,203", "21.5", "1,010", "302", "41.0", "11", "313", "9.8"]
    assert "Between.\n<!-- models: here -->\nold\n<!-- end -->\nBehind." in text


def test_the_page_in_docs_adds_up():
    rows = table((ROOT / "docs" / "fixes.md").read_text("utf-8"), "packages")
    assert len(rows) > 5
    assert rows[-1][0] == "together"
    assert unsummed(rows) == []


def test_a_figure_that_is_no_sum_is_seen():
    assert unsummed([["a", "1", "0.5"], ["b", "2", "0.5"], ["together", "4", "1.3"]]) == [(4.0, 3.0), (1.3, 1.0)]


def test_what_is_told_of_the_sample_are_counts_of_it(bench):
    classes = bench.fixed_classes
    made = [classes.Changed("p0", "p0.m", f"C{i}", "p0/m.py", ("forward",), i > 1) for i in range(3)]
    sample = classes.Sample(5, {"p0": 40, "p1": 1_000}, 9, made, [])
    text = bench.fixes_page.page(PAGE, outcomes(bench), sample)
    assert "Of 1,040 classes that safe fixes changed, 9 were drawn (seed 5) until 3 had been built" in text
    assert "In 2 of them only annotations differ, in 1 what is computed is written otherwise. 0 compute" in text
    assert table(text, "models") == [["p0", "40", "3"], ["p1", "1000", "0"]]


@pytest.mark.parametrize("page", ["no parts", PAGE + PAGE])
def test_a_page_without_its_parts_is_refused(bench, page):
    with pytest.raises(ValueError, match="parts for packages"):
        bench.fixes_page.page(page, outcomes(bench), None)

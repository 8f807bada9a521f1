"""The report for people: every character of it, since people quote it."""

from pathlib import Path

import pytest

from exportlint.finding import Confidence, Related, Severity
from exportlint.report.text import coloured, render, statistics
from exportlint.report.view import View
from tests.findings import finding, report

NET = """\
class Net(Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x
"""


def seen(*findings, source: str = NET, width: int | None = None) -> str:
    return render(report(*findings), View(root=Path(), texts={"src/net.py": source}, width=width))


def snippet(source: str, *, width: int | None = None, **place) -> list[str]:
    """Only the source lines of the report and what underlines them."""
    rows = seen(finding(**place), source=source, width=width).splitlines()
    return [
        row[row.index("|") + 2 :] for row in rows[3:] if row.partition("|")[0].strip(" 0123456789") == "" and "|" in row
    ]


def test_the_whole_of_a_finding():
    related = Related("src/net.py", 2, "`x` is an input")
    one = finding(related=(related,), confidence=Confidence.MEDIUM)
    assert seen(one) == (
        "EXL101 data-dependent-branch  error (medium confidence)  [trace, onnx]\n"
        " --> src/net.py:3:12 in Net.forward\n"
        "  |\n"
        "3 |         if x.sum() > 0:\n"
        "  |            ^^^^^^^^^\n"
        "  = The branch tests a value that is computed from the input.\n"
        "  ::: src/net.py:2: `x` is an input\n"
        "2 |     def forward(self, x):\n"
        "  = help: Use torch.where.\n"
        "\n"
        "Found 1 error in 1 of 3 files (2 models).\n"
    )


def test_colour_changes_no_character():
    view = View(root=Path(), texts={"src/net.py": NET}, width=80)
    assert coloured(report(finding()), view).plain + "\n" == render(report(finding()), view)
    assert {"bold red", "blue"} <= {str(span.style) for span in coloured(report(finding()), view).spans}


def test_the_margin_is_as_wide_as_the_longest_line_number():
    lines = seen(finding(line=100, column=1, end_column=2), source="x\n" * 100).splitlines()
    assert lines[1:5] == ["   --> src/net.py:100:1 in Net.forward", "    |", "100 | x", "    | ^"]


def test_tabs_and_wide_characters_are_underlined_where_they_are_seen():
    assert snippet('\tif\t"日本" > x:', line=1, column=5, end_column=9) == ['    if  "日本" > x:', "        ^^^^^^"]
    assert snippet("a\u0301b = 1", line=1, column=3, end_column=4) == ["a\u0301b = 1", " ^"]


def test_control_characters_never_reach_the_terminal():
    text = seen(finding(line=1, column=1, end_column=2), source="x = '\x1b[2J'  # \u202e\x00")
    assert r"x = '\x1b[2J'  # \u202e\x00" in text
    assert not set(text) & {"\x1b", "\u202e", "\x00"}
    bad = finding(message="a\x1b[2Jb", symbol="N\x1bet", path="src/\x1bnet.py")
    assert "\x1b" not in seen(bad)


def test_a_span_of_several_lines_is_underlined_on_each():
    assert snippet("if (a and\n        b):\n    pass", line=1, column=4, end_line=2, end_column=10) == [
        "if (a and",
        "   ^^^^^^",
        "        b):",
        "        ^",
    ]


def test_a_long_span_shows_its_two_first_lines_and_its_last():
    rows = seen(finding(line=1, column=1, end_line=9, end_column=3), source="\n".join("abcdefghi")).splitlines()
    assert rows[3:10] == ["1 | a", "  | ^", "2 | b", "  | ^", "...", "9 | i", "  | ^"]


@pytest.mark.parametrize("width", [40, 80, None])
def test_a_long_line_is_cut_around_the_span(width):
    source = "y = 1 + " * 60 + "int(x)" + " + 2" * 60
    text, mark = snippet(source, width=width, line=1, column=481, end_column=487)
    assert len(text) <= (width or 164) - 4
    assert text.startswith("…")
    assert text.endswith("…")
    assert text[mark.index("^") : mark.index("^") + 6] == "int(x)"
    assert mark.count("^") == 6


def test_a_line_that_is_cut_on_one_side_only():
    text, mark = snippet("int(x)" + " + 2" * 60, width=40, line=1, column=1, end_column=7)
    assert (text, mark) == ("int(x)" + " + 2" * 7 + " …", "^^^^^^")
    text, mark = snippet("2 + " * 60 + "int(x)", width=40, line=1, column=241, end_column=247)
    assert text.startswith("…")
    assert text.endswith("int(x)")
    assert text[mark.index("^") :] == "int(x)"


def test_a_span_wider_than_the_terminal_fills_it():
    text, mark = snippet("x = " + "a" * 200, width=40, line=1, column=5, end_column=205)
    assert text == "x = " + "a" * 31 + "…"
    assert mark == "    " + "^" * 32


def test_a_line_of_megabytes_is_no_burden():
    from time import perf_counter

    source = "x = [" + "1, " * 1_000_000 + "]"
    start = perf_counter()
    seen(*[finding(line=1, column=1_500_000, end_column=1_500_001)] * 50, source=source)
    assert perf_counter() - start < 5  # 0.3 s on the machine where this was written


def test_paragraphs_are_wrapped_on_a_terminal_only():
    one = finding(message="word " * 30, help="first\nsecond")
    assert max(map(len, seen(one, width=50).splitlines())) <= 50
    assert "  = " + "word " * 30 + "\n" in seen(one)
    assert "  = help: first\n          second\n" in seen(one)


def test_a_file_that_is_gone_is_reported_without_its_lines():
    gone = finding(path="nowhere/gone.py", related=(Related("nowhere/gone.py", 1, "here"),))
    assert seen(gone).splitlines()[1:5] == [
        " --> nowhere/gone.py:3:12 in Net.forward",
        "  |",
        "  = The branch tests a value that is computed from the input.",
        "  ::: nowhere/gone.py:1: here",
    ]


def test_source_on_disk_is_read_by_its_coding_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_bytes("# coding: latin-1\nx = 'é'\n".encode("latin-1"))
    assert "2 | x = 'é'" in render(report(finding(path="net.py", line=2)), View(root=tmp_path))


def test_summaries():
    note, warning = finding(severity=Severity.INFO), finding(severity=Severity.WARNING, path="a.py")
    assert seen(note, note, warning, finding()).endswith(
        "Found 1 error, 1 warning, 2 notes in 2 of 3 files (2 models).\n"
    )
    assert render(report(files=1, models=1), View(root=Path())) == "Nothing found in 1 file (1 model).\n"
    assert (
        render(report(files=2_860, models=0), View(root=Path()))
        == "No model (a subclass of nn.Module) in 2,860 files.\n"
    )


def test_statistics_count_by_rule_the_most_frequent_first():
    other = finding(rule="EXL001", name="unused-suppression")
    third = finding(rule="EXL102", name="tensor-to-number")
    assert statistics(report(other, finding(), third, finding())) == (
        "     2  EXL101  data-dependent-branch\n     1  EXL001  unused-suppression\n     1  EXL102  tensor-to-number\n"
    )

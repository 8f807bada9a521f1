"""Text edits: which go together, what text they make, and the patch."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from exportlint.finding import Edit, Fix, Span
from exportlint.fix.edits import applied, compatible, patch


def edit(line: int, column: int, end_line: int, end_column: int, text: str = "new", path: str = "a.py") -> Edit:
    return Edit(Span(path, line, column, end_line, end_column), text)


def fix(*edits: Edit) -> Fix:
    return Fix("mend", edits, True)


def test_fixes_that_touch_an_earlier_one_wait():
    first, apart = fix(edit(1, 5, 2, 3)), fix(edit(2, 4, 2, 6))
    meets, overlaps = fix(edit(2, 3, 2, 8)), fix(edit(1, 1, 9, 1))
    assert compatible([first, meets, overlaps, apart]) == [first, apart]


def test_a_fix_waits_as_a_whole():
    first = fix(edit(1, 1, 1, 5))
    assert compatible([first, fix(edit(1, 3, 1, 4), edit(9, 1, 9, 2))]) == [first]


def test_the_same_edit_may_belong_to_two_fixes_and_is_made_once():
    whole = edit(1, 1, 1, 4)
    assert compatible([fix(whole), fix(whole)]) == [fix(whole), fix(whole)]
    assert applied("old\n", [whole, whole]) == "new\n"


def test_two_insertions_at_one_point_have_no_order():
    assert len(compatible([fix(edit(1, 1, 1, 1, "a")), fix(edit(1, 1, 1, 1, "b"))])) == 1


def test_the_same_place_in_another_file_is_another_place():
    assert len(compatible([fix(edit(1, 1, 1, 4)), fix(edit(1, 1, 1, 4, path="b.py"))])) == 2


def test_edits_count_characters_and_lines_from_1():
    text = "é🙂 = len(x)\nb\nc"
    assert applied(text, [edit(3, 1, 3, 2, "C"), edit(1, 6, 1, 12, "n")]) == "é🙂 = n\nb\nC"
    assert applied(text, [edit(1, 1, 3, 2, "")]) == ""
    assert applied("", [edit(1, 1, 1, 1, "a")]) == "a"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_that_are_written_end_like_the_others(end):
    text = end.join(["if a:", "    b", "c"])
    assert applied(text, [edit(1, 1, 2, 6, "# why\nb")]) == end.join(["# why", "b", "c"])
    assert applied(text, [edit(3, 1, 3, 2, "c\nd")]) == end.join(["if a:", "    b", "c", "d"])


def test_line_ends_may_be_mixed():
    assert applied("a\r\nb\nc\r\n", [edit(2, 1, 2, 2, "x\ny")]) == "a\r\nx\ny\nc\r\n"


TEXTS = {
    "a line": ("a\nb\nc\n", "a\nB\nc\n"),
    "no newline at the end": ("a\nb", "a\nB"),
    "crlf": ("a\r\nb\r\n", "a\r\nB\r\n"),
    "other line separators": ("a\x0cb\u2028c\nd\n", "a\x0cb\u2028c\nD\n"),
}


@pytest.mark.skipif(shutil.which("git") is None, reason="git applies the patch")
@pytest.mark.parametrize(("old", "new"), TEXTS.values(), ids=TEXTS)
def test_the_patch_can_be_applied(old: str, new: str, tmp_path):
    file = tmp_path / "net.py"
    file.write_bytes(old.encode())
    (tmp_path / "p").write_bytes(patch("net.py", old, new).encode())
    subprocess.run(["git", "apply", "-p0", "p"], cwd=tmp_path, check=True)
    assert file.read_bytes() == new.encode()


def test_nothing_changed_is_no_patch():
    assert patch("net.py", "a\n", "a\n") == ""

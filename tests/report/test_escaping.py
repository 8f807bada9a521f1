"""Text of strangers must not reach what would obey it."""

import pytest

from exportlint.report.escaping import defused, relative_uri, visible, workflow_message, workflow_property


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("日本語 é 🙂", "日本語 é 🙂"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\rb\nc\td", r"a\rb\nc\td"),
        ("a\u202eb\u2066c", r"a\u202eb\u2066c"),
        ("a\u2028b\x85c", r"a\u2028b\x85c"),
        ("caf\udce9", r"caf\udce9"),
    ],
)
def test_unseen_characters_are_spelled_out(text, shown):
    assert visible(text) == shown


def test_a_log_reads_no_command_in_a_line():
    assert "##[" not in defused("x = 1  ##[add-mask]x ####[error]")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("100%, a:b", "100%25, a:b"),
        ("one\ntwo", "one%0Atwo"),
        ("one\r\n::warning::two\u2028", r"one\r%0A::warning::two\u2028"),
        ("%0A", "%250A"),
        ("##[group]", "# #[group]"),
    ],
)
def test_a_message_stays_inside_its_command(text, escaped):
    assert workflow_message(text) == escaped


def test_a_property_cannot_end_itself():
    assert workflow_property("a,line=1::x%\r\n.py") == r"a%2Cline=1%3A%3Ax%25\r\n.py"


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("src/net.py", "src/net.py"),
        ("a b/c%d.py", "a%20b/c%25d.py"),
        ("c:d.py", "c%3Ad.py"),
        ("é\udce9.py", "%C3%A9%E9.py"),
    ],
)
def test_a_path_becomes_a_relative_uri(path, uri):
    assert relative_uri(path) == uri

"""Files are written whole or not at all, and stay what they were in every other respect."""

from __future__ import annotations

import os
import stat

import pytest

from exportlint.fix.files import Change, write
from exportlint.mistake import UserMistake

OLD, NEW = "x = 'é'\n", "y = 'é'\n"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [("", "utf-8"), ("", "utf-8-sig"), ("# -*- coding: latin-1 -*-\n", "latin-1"), ("# coding: cp1252\n", "cp1252")],
)
def test_the_encoding_is_kept(tmp_path, head, encoding):
    file = tmp_path / "net.py"
    file.write_bytes((head + OLD).encode(encoding))
    write([Change(str(file), head + OLD, head + NEW)])
    assert file.read_bytes() == (head + NEW).encode(encoding)


def test_line_ends_and_the_missing_last_one_are_kept(tmp_path):
    file = tmp_path / "net.py"
    file.write_bytes(b"a\r\n\tb\rc")
    write([Change(str(file), "a\r\n\tb\rc", "a\r\n\tB\rc")])
    assert file.read_bytes() == b"a\r\n\tB\rc"


def test_permissions_are_kept(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(OLD, "utf-8")
    file.chmod(0o754)
    write([Change(str(file), OLD, NEW)])
    assert stat.S_IMODE(file.stat().st_mode) == 0o754


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "net.py").write_text(OLD, "utf-8")
    link = tmp_path / "link.py"
    link.symlink_to("below/net.py")
    write([Change(str(link), OLD, NEW)])
    assert link.is_symlink()
    assert (tmp_path / "below" / "net.py").read_text("utf-8") == NEW
    assert os.listdir(tmp_path / "below") == ["net.py"]


def test_what_changed_meanwhile_is_not_overwritten_and_nothing_else_written(tmp_path):
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_text(OLD, "utf-8")
    second.write_text("z = 1\n", "utf-8")
    with pytest.raises(UserMistake, match=r"b\.py: not fixed: it was changed"):
        write([Change(str(first), OLD, NEW), Change(str(second), OLD, NEW)])
    assert first.read_text("utf-8") == OLD


def test_a_file_that_is_gone_is_named(tmp_path):
    with pytest.raises(UserMistake, match=r"gone\.py: cannot be fixed: No such file"):
        write([Change(str(tmp_path / "gone.py"), OLD, NEW)])


def test_what_the_encoding_lacks_is_not_written(tmp_path):
    file = tmp_path / "net.py"
    head = "# coding: latin-1\n"
    file.write_bytes((head + OLD).encode("latin-1"))
    with pytest.raises(UserMistake, match="its encoding iso-8859-1 has no '€'"):
        write([Change(str(file), head + OLD, head + "x = '€'\n")])
    assert file.read_bytes() == (head + OLD).encode("latin-1")


def test_an_encoding_with_several_spellings_is_left_alone(tmp_path):
    file = tmp_path / "net.py"
    data = b"# coding: utf-7\nx = '+AOk-+AOk-'\n"  # which utf-7 would write as +AOkA6Q-
    file.write_bytes(data)
    text = data.decode("utf-7")
    with pytest.raises(UserMistake, match="would not give back the same bytes"):
        write([Change(str(file), text, text + "\n")])
    assert file.read_bytes() == data


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_file_is_left_alone(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(OLD, "utf-8")
    file.chmod(0o444)
    with pytest.raises(UserMistake, match="Permission denied"):
        write([Change(str(file), OLD, NEW)])


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "net.py"
    file.write_text(OLD, "utf-8")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(UserMistake, match="No space left on device"):
        write([Change(str(file), OLD, NEW)])
    assert os.listdir(tmp_path) == ["net.py"]
    assert file.read_text("utf-8") == OLD

"""Names are found through imports, re-exports and stars, without reading more than it takes."""

from __future__ import annotations

import pytest

from exportlint.source.module import Module
from exportlint.source.project import Defined, Project


@pytest.fixture
def package(tmp_path):
    """A package that stars all that it holds: `same` defines `same`, `other` defines what `one` is not."""
    folder = tmp_path / "pkg"
    folder.mkdir()
    (folder / "__init__.py").write_text("from .same import *\nfrom .other import *\n")
    (folder / "same.py").write_text("def same(): ...\n")
    (folder / "other.py").write_text("class Thing: ...\n")
    (folder / "one.py").write_text("")
    (tmp_path / "user.py").write_text("from pkg import Thing, missing, one, same\n")
    return tmp_path


def _resolved(root, name):
    project = Project([root], root)
    user = project.add(root / "user.py")
    found = project.resolve(user, name)
    read = {path.stem for path in project.looked_at if path.is_file()}
    return found, read


def test_a_name_is_found_through_a_star(package):
    found, _ = _resolved(package, "Thing")
    assert isinstance(found, Defined)
    assert found.module.name == "pkg.other"


def test_a_submodule_is_found_without_reading_what_the_package_stars(package):
    found, read = _resolved(package, "one")
    assert isinstance(found, Module)
    assert found.name == "pkg.one"
    assert read == {"user", "__init__", "one"}


def test_what_a_submodule_of_the_same_name_defines_wins(package):
    found, _ = _resolved(package, "same")
    assert isinstance(found, Defined)
    assert found.qualname == "same"


def test_what_was_asked_for_often_stays_in_memory_longer(tmp_path):
    for name in ("shared", "a", "b", "c", "d", "e"):
        (tmp_path / f"{name}.py").write_text("x = 1\n" * 100)
    project = Project([tmp_path], tmp_path)
    parsed = {}
    for name in ("a", "b", "c", "d", "e"):
        parsed[name] = project.add(tmp_path / f"{name}.py")
        if name in ("a", "b", "c"):
            parsed["shared"] = project.module("shared", tmp_path)
        project.begin(2000)  # more than three such files, less than four
    assert project.module("shared", tmp_path) is parsed["shared"]
    assert project.add(tmp_path / "e.py") is parsed["e"]
    assert project.add(tmp_path / "c.py") is not parsed["c"]

"""A project's pins, read from the files that tools and people write."""

import pytest

from exportlint.pins import Pin, pinned

LOCK = '[[package]]\nname = "{}"\nversion = "{}"\nsource = {{ registry = "https://example.org" }}\n'


@pytest.mark.parametrize(
    ("name", "text", "release"),
    [
        ("uv.lock", LOCK.format("torchvision", "0.30.0") + LOCK.format("torch", "2.15.1"), "2.15.1"),
        ("poetry.lock", LOCK.format("torch", "2.14.0"), "2.14.0"),
        ("pylock.toml", LOCK.format("torch", "2.13.0+cpu"), "2.13.0+cpu"),
        ("requirements.txt", "numpy\ntorch==2.15.0 --hash=sha256:aa\n", "2.15.0"),
        ("requirements-dev.txt", "torch[opt] ~= 2.14.0; python_version > '3.9'\n", "2.14.0"),
        ("pyproject.toml", '[project]\ndependencies = [\n  "torch==2.14.1",\n]\n', "2.14.1"),
        ("pyproject.toml", '[project]\ndependencies = ["numpy", "torch==2.14.1"]\n', "2.14.1"),
        ("pyproject.toml", '[tool.poetry.dependencies]\ntorch = "^2.15"\n', "2.15"),
        ("requirements.txt", "torch>=2.9\ntorchvision==0.30.0\n# torch==2.1\n", None),
        ("uv.lock", LOCK.format("torch-geometric", "2.7.0"), None),
    ],
)
def test_what_a_file_pins(tmp_path, name, text, release):
    (tmp_path / name).write_text(text)
    (tmp_path / ".git").mkdir()
    assert pinned("torch", tmp_path) == (release and Pin(release, name))


def test_the_lock_file_goes_before_requirements_and_the_newest_of_several_counts(tmp_path):
    (tmp_path / "requirements.txt").write_text("torch==2.9.0\n")
    (tmp_path / "uv.lock").write_text(LOCK.format("torch", "2.9.1") + LOCK.format("torch", "2.15.0+cpu"))
    assert pinned("torch", tmp_path) == Pin("2.15.0+cpu", "uv.lock")


def test_folders_above_are_looked_at_up_to_the_repository_s_root(tmp_path):
    (tmp_path / "requirements.txt").write_text("torch==2.9.0\n")
    inner = tmp_path / "repository" / "src"
    inner.mkdir(parents=True)
    assert pinned("torch", inner) == Pin("2.9.0", "requirements.txt")
    (tmp_path / "repository" / ".git").mkdir()
    assert pinned("torch", inner) is None

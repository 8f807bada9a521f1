"""Which files are read: with git, without git, ignored, excluded, broken."""

import os
import shutil
import subprocess

import pytest

from exportlint.config import Settings
from exportlint.source import files
from exportlint.source.files import model_files

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(params=[pytest.param("git", marks=needs_git), "no repository", "no git"])
def tree(project, request, monkeypatch):
    """A project inside a git repository, outside one, and on a machine without git: the answer is the same."""
    if request.param == "git":
        subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    if request.param == "no git":
        monkeypatch.setenv("PATH", "")
    return project


def write(project, *names: str, text: str = "") -> None:
    for name in names:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)


def listed(*paths: str, **settings: object) -> list[str]:
    found, problems = model_files([files.Path(path) for path in paths], Settings(files.Path.cwd(), **settings))
    assert problems == []
    return [str(path) for path in found]


def complaints(*paths: str) -> list[tuple[str, str]]:
    _, problems = model_files([files.Path(path) for path in paths], Settings(files.Path.cwd()))
    return [(problem.path, problem.message) for problem in problems]


def test_python_files_below_a_folder_are_listed_in_order(tree):
    write(tree, "src/b.py", "src/a/z.py", "src/a.py", "src/notes.txt", "src/stub.pyi", "other/c.py")
    assert listed("src") == ["src/a/z.py", "src/a.py", "src/b.py"]
    assert listed(".") == ["other/c.py", "src/a/z.py", "src/a.py", "src/b.py"]


def test_a_file_is_listed_once_under_the_name_given_first(tree):
    write(tree, "src/a.py")
    assert listed("src/a.py", "src", ".", str(tree)) == ["src/a.py"]


def test_ignored_files_are_not_listed(tree):
    write(
        tree,
        "kept.py",
        "old/a.py",
        "gen/x_pb2.py",
        "gen/keep_pb2.py",
        "deep/old/b.py",
        "deep/top.py",
        "deeper/deep/top.py",
    )
    write(tree, ".gitignore", text="old/\n*_pb2.py\n")
    write(tree, "gen/.gitignore", text="!keep_pb2.py\n")
    write(tree, "deep/.gitignore", text="/top.py\n")
    assert listed(".") == ["deeper/deep/top.py", "gen/keep_pb2.py", "kept.py"]


def test_what_is_named_is_read_though_it_is_ignored(tree):
    write(tree, ".gitignore", text="build/\n")
    write(tree, "build/lib/net.py", "build/lib/site-packages/pkg/net.py", "build/lib/.venv/other.py")
    assert listed("build") == ["build/lib/net.py"]
    assert listed("build/lib/site-packages") == ["build/lib/site-packages/pkg/net.py"]
    assert listed("build/lib/net.py", exclude=("build/",)) == ["build/lib/net.py"]


def test_excluded_files_are_not_listed(tree):
    write(tree, "src/a.py", "src/old/b.py", "src/c_test.py", "old.py")
    assert listed(".", exclude=("old/", "*_test.py")) == ["old.py", "src/a.py"]
    assert listed("src", exclude=("/src/old",)) == ["src/a.py", "src/c_test.py"]


def test_patterns_are_relative_to_the_configuration(tree, monkeypatch):
    write(tree, "src/a.py", "src/old/b.py")
    monkeypatch.chdir(tree / "src")
    found, _ = model_files([files.Path()], Settings(tree, exclude=("/src/old/",)))
    assert [str(path) for path in found] == ["a.py"]


def test_folders_that_hold_no_source_of_the_project_are_skipped(tree):
    write(tree, "net.py", ".venv/a.py", "node_modules/b.py", "lib/site-packages/c.py", "__pycache__/d.py")
    assert listed(".") == ["net.py"]


def test_a_virtual_environment_of_any_name_is_skipped(project):
    write(project, "net.py", "myenv/pyvenv.cfg", "myenv/lib/a.py")
    assert listed(".") == ["net.py"]


def test_symbolic_links_do_not_lead_in_circles(tree):
    write(tree, "src/a.py")
    (tree / "src/loop").symlink_to(tree / "src")
    (tree / "src/self.py").symlink_to("self.py")
    (tree / "link").symlink_to("src")
    found, problems = model_files([files.Path("link")], Settings(tree))
    assert [str(path) for path in found] == ["link/a.py"]
    assert [(problem.path, problem.message) for problem in problems] == [
        ("link/self.py", "cannot be read: Too many levels of symbolic links (a symbolic link to self.py)")
    ]


def test_what_does_not_exist_is_a_problem(tree):
    (tree / "dangling.py").symlink_to("gone.py")
    assert complaints("nowhere", "no.py") == [
        ("nowhere", "cannot be read: No such file or directory"),
        ("no.py", "cannot be read: No such file or directory"),
    ]
    assert complaints(".") == [
        ("dangling.py", "cannot be read: No such file or directory (a symbolic link to gone.py)")
    ]


def test_a_folder_named_like_a_file_is_a_folder(tree):
    write(tree, "src/odd.py/net.py")
    assert listed("src") == ["src/odd.py/net.py"]
    assert listed("src/odd.py") == ["src/odd.py/net.py"]


def test_a_pipe_is_a_problem_and_is_not_waited_for(tree):
    os.mkfifo(tree / "pipe.py")
    assert complaints("pipe.py") == [("pipe.py", "cannot be read: neither a file nor a folder")]


def test_a_stub_is_passed_over_and_a_script_without_suffix_is_taken(tree):
    write(tree, "net.pyi", "tool")
    assert listed("net.pyi", "tool") == ["tool"]


def test_a_folder_that_cannot_be_listed_is_a_problem(project, monkeypatch):
    write(project, "src/a.py", "locked/b.py")
    scandir = os.scandir

    def refusing(path):
        if str(path) == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert complaints(".") == [("locked", "cannot be read: Permission denied")]


@needs_git
class TestInRepository:
    """What only git knows."""

    @pytest.fixture(autouse=True)
    def _repository(self, project):
        subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)

    def test_deleted_files_are_gone_though_git_still_lists_them(self, project):
        write(project, "a.py", "b.py")
        subprocess.run(["git", "add", "."], cwd=project, check=True)
        (project / "b.py").unlink()
        assert listed(".") == ["a.py"]

    def test_tracked_files_are_listed_though_a_pattern_ignores_them(self, project):
        write(project, "a.py", ".gitignore", text="a.py\n")
        subprocess.run(["git", "add", "--force", "a.py"], cwd=project, check=True)
        assert listed(".") == ["a.py"]

    def test_a_repository_inside_is_listed_by_its_own_git(self, project):
        write(project, "a.py", "inner/b.py", "inner/c.py")
        write(project, "inner/.gitignore", text="c.py\n")
        subprocess.run(["git", "init", "--quiet"], cwd=project / "inner", check=True)
        assert listed(".") == ["a.py", "inner/b.py"]

    def test_names_that_are_not_text_come_back_as_they_are(self, project):
        name = os.fsdecode(b"caf\xe9 \n.py")
        write(project, name)
        assert listed(".") == [name]

    def test_a_hook_of_another_repository_does_not_mislead(self, project, monkeypatch):
        write(project, "src/a.py")
        monkeypatch.setenv("GIT_DIR", str(project / "elsewhere"))
        assert listed("src") == ["src/a.py"]

    def test_no_program_that_the_repository_names_is_run(self, project):
        write(project, "a.py")
        trap = project / "trap"
        trap.write_text(f"#!/bin/sh\ntouch {project}/sprung\n")
        trap.chmod(0o755)
        subprocess.run(["git", "config", "core.fsmonitor", str(trap)], cwd=project, check=True)
        assert listed(".") == ["a.py"]
        assert not (project / "sprung").exists()
        subprocess.run(["git", "status"], cwd=project, check=True, capture_output=True)
        assert (project / "sprung").exists(), "the trap is real: plain git falls into it"


def test_the_sources_of_a_large_package_are_listed_quickly(project):
    from time import perf_counter

    write(project, *(f"package/m{number // 50}/n{number}.py" for number in range(2_000)))
    start = perf_counter()
    assert len(listed(".", exclude=("gen/", "*_pb2.py"))) == 2_000
    assert perf_counter() - start < 2  # 0.2 s on the machine where this was written

"""What models need beside torch: read strictly, installed in a container of its own, mounted read-only."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from exportlint.mistake import UserMistake
from exportlint.verify.contract import Job
from exportlint.verify.isolation import requirements
from exportlint.verify.isolation.packages import Installer
from exportlint.verify.isolation.sandbox import Sandbox
from exportlint.verify.running.runner import Runner
from tests.attacks.table import LINES
from tests.box.conftest import image

__all__ = ["image"]


def written(folder: Path, text: str) -> Path:
    (folder / "requirements.txt").write_text(text)
    return folder / "requirements.txt"


def test_names_and_versions_are_read_and_the_rest_is_layout(tmp_path: Path) -> None:
    text = "# models\r\neinops >= 0.8  # shapes\r\n\ntimm[extra]==1.0 ; python_version > '3.8'\neinops>=0.8\n"
    assert requirements.read(written(tmp_path, text)) == ("einops>=0.8", 'timm[extra]==1.0; python_version > "3.8"')


@pytest.mark.parametrize("line", [line for _, line in LINES.values()], ids=LINES)
def test_what_is_no_name_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(UserMistake, match=r"requirements\.txt:2: ") as refused:
        requirements.read(written(tmp_path, f"einops\n{line}\n"))
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "names no package"), ("é", "plain ASCII"), ("x\n" * 501, "more than 500 lines"), ("x" * 501, "longer than")],
)
def test_a_file_of_another_kind_is_the_users_mistake(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserMistake, match=said):
        requirements.read(written(tmp_path, text))
    with pytest.raises(UserMistake, match="does not exist"):
        requirements.read(tmp_path / "absent.txt")


def test_installing_has_a_network_but_neither_code_nor_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:password@index.example")
    words = " ".join(Installer("docker", "image:tag").command("name", "volume", ("einops>=0.8",)))
    assert "--network bridge" in words
    assert "--cap-drop ALL --security-opt no-new-privileges" in words
    assert "type=bind" not in words
    assert "password" not in words
    assert words.endswith("image:tag -m exportlint.verify.isolation.install einops>=0.8")


def wheel(folder: Path, name: str, text: str, needs: str = "") -> None:
    """A wheel of one module."""
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" + (f"Requires-Dist: {needs}\n" if needs else "")
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", text)
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def installer(image: str, tmp_path: Path) -> Iterator[Installer]:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel(wheels, "doubled", "import halves\nFACTOR = halves.HALF * 4\n", needs="halves")
    wheel(wheels, "halves", "HALF = 0.5\n", needs="numpy")  # which the image holds
    (wheels / "evil-1.0.tar.gz").write_bytes(b"a source package, whose setup.py would run")
    before = volumes()
    yield Installer("docker", image, wheels)
    for name in volumes() - before:
        subprocess.run(["docker", "volume", "rm", "--force", name], check=True, capture_output=True)


def volumes() -> set[str]:
    listed = subprocess.run(["docker", "volume", "ls", "--quiet"], check=True, capture_output=True, text=True)
    return set(listed.stdout.split())


MODEL = """import doubled
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x * doubled.FACTOR


class Plants(nn.Module):
    def forward(self, x):
        open("/packages/doubled.py", "w")
        return x
"""


@pytest.mark.docker
def test_a_model_is_verified_with_what_it_needs(installer: Installer, tmp_path: Path) -> None:
    volume = installer.volume(("doubled>=0.5",))
    assert installer.volume(("doubled>=0.5",)) == volume
    project = tmp_path / "project"
    project.mkdir()
    (project / "net.py").write_text(MODEL)
    inputs = {"x": "float32[3]"}
    jobs = [Job(f"net.py::{name}", str(project), "trace", inputs=inputs) for name in ("Net", "Plants")]
    with Sandbox("docker", installer.image, packages=volume).prepared(project) as ready:
        plain, plants = Runner(ready).run(jobs, lambda job: None, lambda result: None)
    assert plain.status == "ok", plain.reason
    assert "Read-only file system" in plants.reason


@pytest.mark.docker
@pytest.mark.parametrize("name", ["evil", "absent", "numpy<1"])
def test_what_cannot_be_had_as_a_wheel_leaves_no_volume(installer: Installer, name: str) -> None:
    before = volumes()
    with pytest.raises(UserMistake, match=r"--requirements: .*ERROR"):
        installer.volume((name,))
    assert volumes() == before

"""What a module is made of: every file that importing it may read."""

from pathlib import Path

import pytest

from exportlint.source.closure import closure
from exportlint.source.project import Project

FILES = {
    "net.py": "import torch\nfrom blocks.conv import Conv\nfrom lazy import *\n\ndef late():\n    import inside\n",
    "blocks/__init__.py": "",
    "blocks/conv.py": "from . import norm\nfrom .deep.act import act\nfrom .. import nowhere\n",
    "blocks/norm.py": "import blocks.conv\n",
    "blocks/deep/__init__.py": "",
    "blocks/deep/act.py": "",
    "lazy.py": "import gone\n",
    "inside.py": "",
    "other.py": "import net\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return Project([tmp_path], tmp_path)


def there(files: frozenset[Path] | None, root: Path) -> set[str]:
    assert files is not None
    return {file.relative_to(root).as_posix() for file in files if file.is_file()}


@pytest.mark.parametrize("start", ["net", Path("net.py")])
def test_imports_are_followed_wherever_they_stand(project: Project, tmp_path: Path, start: str | Path) -> None:
    found = closure(project, tmp_path / start if isinstance(start, Path) else start)
    assert there(found, tmp_path) == set(FILES) - {"other.py"}


def test_what_was_looked_for_in_vain_is_told(project: Project, tmp_path: Path) -> None:
    found = closure(project, "lazy")
    assert found is not None
    assert {tmp_path / "gone.py", tmp_path / "gone/__init__.py"} <= found


def test_each_closure_is_its_own(project: Project, tmp_path: Path) -> None:
    closure(project, "net")
    assert there(closure(project, "blocks.deep.act"), tmp_path) == {
        "blocks/__init__.py",
        "blocks/deep/__init__.py",
        "blocks/deep/act.py",
    }
    assert closure(project, "no.such.module") is None

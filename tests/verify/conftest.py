"""Models written into a temporary project and verified in this process, through the same JSON as a worker's."""

from __future__ import annotations

import itertools
import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exportlint.verify.answers import parse_job, parse_result
from exportlint.verify.contract import Job, Result

_numbers = itertools.count()
HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
"""What every model's file starts with: its own first line is line 4."""

Verify = Callable[..., Result]


@pytest.fixture(scope="session")
def verify(tmp_path_factory: pytest.TempPathFactory) -> Verify:
    """`verify(source, target, entry="Net", **job)`: the result for a model whose source follows `HEAD`."""
    pytest.importorskip("torch")

    def run(source: str, target: str = "trace", entry: str = "Net", **job: Any) -> Result:
        from exportlint.verify.worker import Attempt

        root = tmp_path_factory.mktemp("project")
        name = f"model_{next(_numbers)}.py"
        (root / name).write_text(HEAD + textwrap.dedent(source))
        if "inputs" not in job and "def inputs" in source:
            job["inputs"] = f"{name}::inputs"
        asked = Job(entry=f"{name}::{entry}", root=str(root), target=target, **{"seconds": 40.0, **job})
        asked = parse_job(asked.to_json())
        files = root / "exported"
        files.mkdir()
        return parse_result(json.dumps(Attempt(asked, files).result().to_answer(), allow_nan=False).encode(), asked)

    return run


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project that is the working folder, the root of a repository as far as exportlint looks."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path

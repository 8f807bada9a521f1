"""A folder to stand in, and the collector, which `check` leaves off."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder, which is the working one."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    gc.enable()

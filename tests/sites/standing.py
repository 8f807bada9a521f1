"""What a script stands on: a folder for a while (contextlib.chdir is of Python 3.11), and libraries."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest


@contextmanager
def chdir(folder: Path) -> Iterator[None]:
    """Work in `folder`, then go back."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def needs(module: str) -> ModuleType:
    """The module; skips the test where it is not installed, or was built for another torch (`make truth` has such)."""
    try:
        return pytest.importorskip(module)
    except (RuntimeError, AttributeError) as error:  # what torch says of operators whose kernels do not load
        pytest.skip(f"{module} does not load: {error}")

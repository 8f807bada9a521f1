"""Standing in a folder for a while; contextlib.chdir is of Python 3.11."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def chdir(folder: Path) -> Iterator[None]:
    """Work in `folder`, then go back."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)

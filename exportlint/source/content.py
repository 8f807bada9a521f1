"""What a file holds, as a digest: two of the same digest hold the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

ABSENT = "absent"
"""In the place of a digest: a file that is not there or cannot be read."""


def digest(data: bytes) -> str:
    """A digest of some content."""
    return hashlib.sha256(data).hexdigest()


def content(file: Path) -> str:
    """The digest of a file's content, ABSENT when it cannot be read."""
    try:
        return digest(file.read_bytes())
    except OSError:
        return ABSENT

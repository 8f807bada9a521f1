"""Writes fixed source back: all or nothing, with the encoding, line ends and permissions that the file had."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from exportlint.mistake import UserMistake
from exportlint.source.module import decode


@dataclass(frozen=True)
class Change:
    """What fixes make of one file: its text before and after, without byte order mark."""

    path: str
    before: str
    after: str


def write(changes: Iterable[Change]) -> None:
    """Puts each file's text `after` in the place of `before`; a symbolic link stays and its target is written.

    Nothing is written when one of the files cannot be. Raises UserMistake where a file is not to be written, changed
    meanwhile, or cannot hold the text in its encoding.
    """
    ready = [(change.path, Path(os.path.realpath(change.path)), _bytes(change)) for change in changes]
    for path, target, data in ready:
        try:
            _replace(target, data)
        except OSError as error:
            raise UserMistake(f"{path}: cannot be fixed: {error.strerror}") from error


def _bytes(change: Change) -> bytes:
    try:
        with open(change.path, "r+b") as file:
            data = file.read()
    except OSError as error:
        raise UserMistake(f"{change.path}: cannot be fixed: {error.strerror}") from error
    return _encoded(change.path, data, change.before, change.after)


def _encoded(path: str, data: bytes, before: str, after: str) -> bytes:
    if decode(data, path) != before:
        raise UserMistake(f"{path}: not fixed: it was changed while it was checked; run again")
    encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
    try:
        faithful = before.encode(encoding) == data
        text = after.encode(encoding)
    except UnicodeEncodeError as error:
        raise UserMistake(f"{path}: not fixed: its encoding {encoding} has no {after[error.start]!r}") from error
    if not faithful:
        raise UserMistake(f"{path}: not fixed: its encoding {encoding} would not give back the same bytes")
    return text


def _replace(target: Path, data: bytes) -> None:
    """Writes beside the file and moves into its place, so that an interruption leaves the old or the new one, whole."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with open(handle, "wb") as file:
            file.write(data)
        shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise

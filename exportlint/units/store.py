"""Outcomes of units, kept from run to run in one SQLite file, which many processes may use at a time.

An outcome is found again when exportlint, the settings, the unit and the content of its file are the same, and when
every file that it looked at is as it was. What cannot be read is not there; where nothing can be written nothing is
kept. The file stays below a size: what was used longest ago goes first.
"""

from __future__ import annotations

import io
import pickle
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from exportlint.units.work import Outcome

NAME = "units.sqlite"
MOST_BYTES = 200_000_000
_DAY = 86_400  # seconds; when an outcome was last used is noted no finer than this, so that reading writes nothing
_BUSY = 10.0  # seconds to wait for another process that writes
_BROKEN = (zlib.error, pickle.UnpicklingError, ValueError, TypeError, AttributeError, EOFError)
_FAILURES = (sqlite3.Error, OSError, *_BROKEN)
_OURS = frozenset(
    f"exportlint.{name}"
    for name in (
        *("finding", "flow.events", "flow.whole_events", "flow.exporting.events", "flow.collect"),
        *("units.work", "source.suppressions"),
    )
)


class Store:
    """The outcomes kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / NAME
        self._opened: sqlite3.Connection | None = None
        self._used: list[str] = []

    def load(self, key: str, content: Callable[[str], str]) -> Outcome | None:
        """The outcome kept under a key, if all that it looked at still has the same `content` digests."""
        try:
            row = (
                self._connection().execute("select looked_at, outcome, used from units where key = ?", [key]).fetchone()
            )
            if row is None or not _is_current(row[0], content):
                return None
            outcome = _Loader(io.BytesIO(zlib.decompress(row[1]))).load()
        except _FAILURES:
            return None
        if row[2] < time.time() - _DAY:
            self._used.append(key)
        return outcome if isinstance(outcome, Outcome) else None

    def save(self, outcomes: Iterable[tuple[str, Outcome]]) -> None:
        """Keep some outcomes under their keys."""
        now = time.time()
        rows = [(key, _listed(outcome.looked_at), _packed(outcome), now) for key, outcome in outcomes]
        try:
            connection = self._connection()
            with connection:
                connection.executemany("insert or replace into units values (?, ?, ?, ?)", rows)
                connection.executemany("update units set used = ? where key = ?", [(now, key) for key in self._used])
                self._shrink(connection)
        except _FAILURES:
            return

    def close(self) -> None:
        """Let go of the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._opened = self._open()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:  # no database: the rest of a crash, or something else of that name
                self._file.unlink()
                self._opened = self._open()
        return self._opened

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=_BUSY)
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = off")  # after a power cut: a cache that is broken, at worst
        connection.execute(
            "create table if not exists units"
            " (key text primary key, looked_at text, outcome blob, used real) without rowid"
        )
        return connection

    def _shrink(self, connection: sqlite3.Connection) -> None:
        (total,) = connection.execute("select total(length(outcome) + length(looked_at)) from units").fetchone()
        sizes = connection.execute("select key, length(outcome) + length(looked_at) from units order by used, key")
        gone = []
        for key, size in sizes if total > MOST_BYTES else ():
            if total <= MOST_BYTES * 3 // 4:
                break
            gone.append([key])
            total -= size
        connection.executemany("delete from units where key = ?", gone)


def _listed(looked_at) -> str:
    return "\0".join(f"{digest} {file}" for file, digest in sorted(looked_at.items()))


def _is_current(listed: str, content: Callable[[str], str]) -> bool:
    pairs = (entry.partition(" ") for entry in listed.split("\0"))
    return all(content(file) == digest for digest, _, file in pairs)


def _packed(outcome: Outcome) -> bytes:
    return zlib.compress(pickle.dumps(outcome, protocol=5), level=1)


class _Loader(pickle.Unpickler):
    """Reads nothing but our own values: a pickle may name any function, and this one refuses."""

    def find_class(self, module: str, name: str) -> object:
        if module in _OURS and name[:1].isupper():
            return super().find_class(module, name)
        if (module, name) == ("builtins", "frozenset"):
            return frozenset
        raise pickle.UnpicklingError(f"{module}.{name} is no part of an outcome")

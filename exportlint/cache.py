"""Reports of earlier runs, kept by the content of all that they were made from.

A report is found again when exportlint itself, the settings and every checked file are the same, and when the modules
that the checked ones led to are as they were: their content is kept beside the report. An entry that cannot be read is
no entry. The folder is the platform's cache folder, or EXPORTLINT_CACHE_DIR.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from exportlint import __version__
from exportlint.finding import Confidence, Edit, Finding, Fix, Problem, Related, Report, Severity, Span
from exportlint.source.content import content

MOST_ENTRIES = 64


def folder() -> Path:
    """Where entries are kept."""
    chosen = os.environ.get("EXPORTLINT_CACHE_DIR")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_cache_dir("exportlint", appauthor=False))


def key(settings: object, files: Iterable[tuple[str, str]]) -> str:
    """The name of what is kept: for this exportlint, some settings, and files as (name, digest of its content)."""
    text = hashlib.sha256(f"{__version__} {own_source()} {settings!r}".encode())
    for name, digest in files:
        text.update(f"\0{name}\0{digest}".encode("utf-8", "surrogateescape"))
    return text.hexdigest()


def load(name: str) -> Report | None:
    """The report of an earlier run of that name, if all that it was made from is unchanged."""
    try:
        entry = json.loads((folder() / f"{name}.json").read_text(encoding="utf-8"))
        if any(content(Path(file)) != digest for file, digest in entry["led_to"].items()):
            return None
        return _report(entry["report"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def save(name: str, report: Report, led_to: Mapping[str, str]) -> None:
    """Keep a report; `led_to` are digests of the files that were read, or looked for in vain.

    A cache folder that cannot be written to keeps nothing; the next run takes as long as this one.
    """
    entry = {"led_to": dict(led_to), "report": report}
    try:
        write(folder() / f"{name}.json", json.dumps(entry, default=vars))
        forget_oldest(folder(), MOST_ENTRIES)
    except OSError:
        return


def write(file: Path, text: str) -> None:
    """Writes a file at once, and the folders above it. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    replace(file, text.encode("utf-8"))


def replace(file: Path, content: bytes) -> None:
    """Writes a file at once: who reads it sees all of the old content or all of the new. Raises OSError."""
    temporary = file.with_name(f"{file.name}.{os.urandom(16).hex()}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def clear() -> int:
    """Delete all entries; how many there were. Raises OSError."""
    entries = [
        entry for kind in ("", "verify/") for end in ("json", "tmp") for entry in folder().glob(f"{kind}*.{end}")
    ]
    for entry in (*entries, *folder().glob("units.sqlite*")):
        entry.unlink(missing_ok=True)
    return len(entries)


def forget_oldest(where: Path, most: int) -> None:
    """Deletes the entries of a folder that were used longest ago, all but `most`. Raises OSError."""
    entries = sorted(where.glob("*.json"), key=_last_used)
    for entry in entries[:-most]:
        entry.unlink(missing_ok=True)


def _last_used(entry: Path) -> float:
    try:
        return entry.stat().st_mtime
    except FileNotFoundError:  # another run deleted it just now
        return 0.0


@cache
def own_source() -> str:
    """What tells two builds of the same version apart: sizes and times of our own files."""
    here = Path(__file__).parent
    files = sorted(here.rglob("*.py")) + sorted((here / "data").rglob("*.json"))
    stats = [(file.relative_to(here).as_posix(), file.stat()) for file in files]
    return hashlib.sha256(repr([(n, s.st_size, s.st_mtime_ns) for n, s in stats]).encode()).hexdigest()


def _report(entry: Mapping) -> Report:
    return Report(
        tuple(_finding(finding) for finding in entry["findings"]),
        tuple(Problem(**problem) for problem in entry["problems"]),
        entry["files"],
        entry["models"],
        entry["hidden"],
    )


def _finding(entry: Mapping) -> Finding:
    fix = entry["fix"]
    edits = tuple(Edit(Span(**e["span"]), e["text"]) for e in fix["edits"]) if fix else ()
    changed = {
        "severity": Severity(entry["severity"]),
        "confidence": Confidence(entry["confidence"]),
        "targets": tuple(entry["targets"]),
        "span": Span(**entry["span"]),
        "related": tuple(Related(**place) for place in entry["related"]),
        "fix": Fix(fix["message"], edits, fix["safe"]) if fix else None,
    }
    return Finding(**{**entry, **changed})

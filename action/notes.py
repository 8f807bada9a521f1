"""What a run says to the comment on its pull request: plain values in a file, which the posting workflow distrusts.

The run that checks a pull request may not write to it, and one that may write must not run its code. So the first
leaves this file as an artifact, and `post.py` reads it in a workflow of its own, as if it came from an attacker.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import suggest

from exportlint.finding import TARGETS, Severity
from exportlint.verify.answers import decode
from exportlint.verify.contract import STATUSES, ContractError, printable

FILE = "exportlint-comment.json"
LARGEST = 500_000  # bytes
MOST = 40  # findings, and as many results
LONGEST = 400  # characters
_RULE = re.compile(r"EXL[0-9]{3}")

Check = Callable[[Any], bool]


def write(folder: Path, findings: Sequence[Mapping[str, Any]], results: Sequence[Mapping[str, Any]]) -> Path:
    """Writes the file into a folder of its own; that folder is what to upload."""
    failed = [result for result in results if result["status"] != "ok"]
    document = {
        "schema": 1,
        "total": {"findings": len(findings), "exports": len(results), "failed": len(failed)},
        "findings": [_cut(finding, _FINDING) for finding in _worst_first(findings)[:MOST]],
        "results": [_cut(result, _RESULT) for result in failed[:MOST]],
        "suggestions": suggest.suggestions(findings),
    }
    made = folder / "comment"
    made.mkdir()
    (made / FILE).write_text(json.dumps(document), encoding="utf-8")
    return made


def read(data: bytes) -> dict[str, Any]:
    """The document, every key and value of which is what `write` may have written. Raises ContractError."""
    if len(data) > LARGEST:
        raise ContractError(f"{FILE} is larger than {LARGEST} bytes")
    try:
        document = decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ContractError(f"{FILE} is not UTF-8") from error
    _hold(document, _DOCUMENT, FILE)
    for name, checks in (("findings", _FINDING), ("results", _RESULT), ("suggestions", _SUGGESTION)):
        for number, entry in enumerate(document[name]):
            _hold(entry, checks, f"{name}[{number}]")
    return document


def _worst_first(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(findings, key=lambda finding: list(Severity).index(Severity(finding["severity"])))


def _cut(entry: Mapping[str, Any], checks: Mapping[str, Check]) -> dict[str, Any]:
    values = {key: entry[key] for key in checks}
    return {key: printable(value, LONGEST) if isinstance(value, str) else value for key, value in values.items()}


def _hold(value: Any, checks: Mapping[str, Check], where: str) -> None:
    if not isinstance(value, dict) or set(value) != set(checks):
        raise ContractError(f"{where} does not have exactly the keys {', '.join(checks)}")
    for key, check in checks.items():
        if not check(value[key]):
            raise ContractError(f"{where}.{key} is not what it may be")


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST and printable(value) == value


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 10_000_000


def _table(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST


def _rule(value: Any) -> bool:
    return isinstance(value, str) and _RULE.fullmatch(value) is not None


def _one_of(values: Sequence[str]) -> Check:
    return lambda value: isinstance(value, str) and value in values


def _maybe(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _totals(value: Any) -> bool:
    return (
        isinstance(value, dict) and set(value) == {"findings", "exports", "failed"} and all(map(_count, value.values()))
    )


_DOCUMENT: dict[str, Check] = {
    "schema": lambda value: type(value) is int and value == 1,
    "total": _totals,
    "findings": _table,
    "results": _table,
    "suggestions": _table,
}
_FINDING: dict[str, Check] = {
    "rule": _rule,
    "severity": _one_of([severity.value for severity in Severity]),
    "path": _text,
    "line": _count,
    "message": _text,
    "help": _text,
}
_RESULT: dict[str, Check] = {
    "model": _text,
    "target": _one_of(TARGETS),
    "status": _one_of(STATUSES),
    "path": _maybe(_text),
    "line": _maybe(_count),
    "reason": _text,
}
_SUGGESTION: dict[str, Check] = {
    "rule": _rule,
    "safe": lambda value: isinstance(value, bool),
    "path": _text,
    "line": _count,
    "end_line": _count,
    "text": lambda value: isinstance(value, str) and suggest.fits(value),
}

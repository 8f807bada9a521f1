"""Several JSON reports of `verify` as one. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exportlint.mistake import UserMistake
from exportlint.verify.answers import reported
from exportlint.verify.contract import ContractError, Result
from exportlint.verify.running import shards
from exportlint.verify.verdicts import CONFIRMED, NOT_REACHED, REFUTED

SCHEMA = 1
_PLAINEST = (CONFIRMED, REFUTED, NOT_REACHED)  # of two verdicts on a finding the one that stands first holds


@dataclass(frozen=True)
class Merged:
    """What the reports say together; `left` counts what was not run."""

    results: list[Result]
    findings: list[dict[str, Any]]
    left: int


def merged(files: Sequence[Path]) -> Merged:
    """Reads and joins reports. Raises UserMistake for what is no report, a result told twice, a missing shard."""
    documents = [(file, _read(file)) for file in files]
    results: dict[tuple[str, str], tuple[Path, Result]] = {}
    findings: dict[str, dict[str, Any]] = {}
    for file, document in documents:
        for result in _results(file, document):
            other, _ = results.setdefault((result.model, result.target), (file, result))
            if other is not file:
                raise UserMistake(f"{file}: {result.model} [{result.target}] stands in {other}, too")
        for finding in document["findings"]:
            _note(findings, finding)
    parts = [shards.parse(document["shard"], f"{file}: shard") for file, document in documents if document.get("shard")]
    lacking = shards.missing(parts)
    if lacking:
        raise UserMistake(
            f"no report of shard {', '.join(map(str, lacking))}: a machine failed, or its report was lost"
        )
    left = sum(document["left"] for _, document in documents)
    return Merged(
        sorted((result for _, result in results.values()), key=Result.sort_key), list(findings.values()), left
    )


def _note(findings: dict[str, dict[str, Any]], finding: dict[str, Any]) -> None:
    """Every shard tells of every finding; what only one of them reached has its verdict there."""
    key = json.dumps({name: value for name, value in finding.items() if name != "verdict"}, sort_keys=True)
    known = findings.setdefault(key, finding)
    if _rank(finding) < _rank(known):
        findings[key] = finding


def _rank(finding: dict[str, Any]) -> int:
    verdict = finding.get("verdict")
    return _PLAINEST.index(verdict) if verdict in _PLAINEST else len(_PLAINEST)


def _read(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UserMistake(f"{file}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UserMistake(f"{file}: is not JSON: {type(error).__name__}") from error
    kinds = {"schema": int, "results": list, "findings": list, "left": int}
    if not isinstance(document, dict) or any(not isinstance(document.get(key), kind) for key, kind in kinds.items()):
        raise UserMistake(f"{file}: is no report; write it with `exportlint verify --output-format json`")
    if document["schema"] != SCHEMA:
        raise UserMistake(f"{file}: has schema {document['schema']}, this exportlint knows {SCHEMA}")
    if not all(isinstance(finding, dict) for finding in document["findings"]):
        raise UserMistake(f"{file}: findings: holds something else than objects")
    return document


def _results(file: Path, document: dict[str, Any]) -> list[Result]:
    try:
        return [reported(result, f"results[{number}]") for number, result in enumerate(document["results"])]
    except ContractError as error:
        raise UserMistake(f"{file}: {error}") from error

"""Failed results of `verify` as SARIF 2.1.0: each status is a rule of its own, beside the rules that explain it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from exportlint import __version__
from exportlint.report.escaping import relative_uri, visible
from exportlint.report.sarif import SCHEMA
from exportlint.report.view import View
from exportlint.verify.contract import Result

_DESCRIPTIONS = ("shortDescription", "fullDescription", "help")  # code scanning asks for each of them
_STATUSES = {
    "export-failed": "The export failed.",
    "mismatch": "The exported model computes something else than eager PyTorch.",
    "crashed": "The export or the exported model killed its process.",
    "timeout": "The export or the exported model took longer than its deadline.",
    "not-runnable": "The model does not run in eager PyTorch.",
    "no-spec": "Nothing says how to build or call the model.",
}


def render(results: Sequence[Result], findings: Sequence[Mapping[str, Any]], view: View) -> str:
    """The SARIF log of one run; a result without a line of its own stands at line 1 of its entry's file."""
    rules = [
        {"id": f"verify/{status}", "name": status, **{key: {"text": text} for key in _DESCRIPTIONS}}
        for status, text in _STATUSES.items()
    ]
    index = {status: position for position, status in enumerate(_STATUSES)}
    run = {
        "tool": {"driver": {"name": "exportlint", "semanticVersion": __version__, "rules": rules}},
        "columnKind": "utf16CodeUnits",
        "automationDetails": {"id": "exportlint-verify/"},
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "results": [_result(result, index, view) for result in results if result.status != "ok"],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def place(result: Result) -> tuple[str, int]:
    """The line at fault, or line 1 of its entry's file, since forges show nothing without a place."""
    file, colons, _ = result.model.partition("::")
    return result.path or (file if colons else f"{file.partition(':')[0].replace('.', '/')}.py"), result.line or 1


def _result(result: Result, index: Mapping[str, int], view: View) -> dict[str, Any]:
    identity = "\0".join((result.model, result.target, result.status)).encode("utf-8", "surrogateescape")
    return {
        "ruleId": f"verify/{result.status}",
        "ruleIndex": index[result.status],
        "level": "warning" if result.status in ("no-spec", "not-runnable") else "error",
        "message": {"text": visible(f"{result.model} [{result.target}]: {result.reason}")},
        "partialFingerprints": {"exportlintVerify/v1": hashlib.sha256(identity).hexdigest()[:16]},
        "properties": {"target": result.target, "explainedBy": result.rule, "inputsTried": result.inputs_tried},
        "locations": [_location(*place(result), view)],
    }


def _location(path: str, line: int, view: View) -> dict[str, Any]:
    artifact = {"uri": relative_uri(view.from_root(path)), "uriBaseId": "SRCROOT"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line}}}

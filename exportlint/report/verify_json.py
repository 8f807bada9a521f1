"""Results of `verify` as one JSON object, the form that other programs build on: keys may be added, none renamed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from exportlint import __version__
from exportlint.report.view import View
from exportlint.verify.contract import Result

SCHEMA = 1


def render(results: Sequence[Result], findings: Sequence[Mapping[str, Any]], view: View) -> str:
    """The JSON document of one `verify` run; `findings` are those of `check`, with their verdicts."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "version": __version__,
        "results": [result.to_dict() for result in results],
        "findings": list(findings),
        "complete": view.left == 0,
        "left": view.left,
        "shard": view.shard or None,
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

"""Writes specs into the configuration and leaves all else in it as it stands, comments included."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, Table

from exportlint.verify.contract import Result, Spec


def with_models(text: str, file: Path, results: Sequence[Result]) -> str:
    """The text of a configuration with a [[models]] for each result, after those that it has."""
    document = tomlkit.parse(text)
    table: Any = document
    if file.name == "pyproject.toml":
        for key in ("tool", "exportlint"):
            table = table.setdefault(key, tomlkit.table())
    models = table.get("models")
    if not isinstance(models, AoT):
        given = list(models or ())
        models = tomlkit.aot()
        for model in given:  # an inline array grows no tables
            models.append(_plain(model))
        table["models"] = models
    for result in results:
        models.append(_model(result))
    return tomlkit.dumps(document)


def _plain(model: Any) -> Table:
    table = tomlkit.table()
    table.update(model)
    return table


def _model(result: Result) -> Table:
    """The table of one model, with how its values were found as comments."""
    spec = result.spec or Spec()
    table = tomlkit.table()
    table.add("entry", result.model)
    for key, value, found in (
        ("args", json.loads(spec.args), spec.arguments),
        ("kwargs", {name: json.loads(text) for name, text in spec.kwargs.items()}, spec.arguments),
        ("inputs", dict(spec.inputs), spec.example),
    ):
        if value:
            table.add(key, _inline(value))
            table[key].comment(found)
    return table


def _inline(value: Any) -> Any:
    if not isinstance(value, dict):
        return tomlkit.item([_inline(item) for item in value]) if isinstance(value, list) else tomlkit.item(value)
    table = tomlkit.inline_table()
    for key, item in value.items():
        table.append(key, _inline(item))
    return table

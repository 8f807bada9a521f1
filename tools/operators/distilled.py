"""From the sweep's work file to the table that exportlint ships."""

from __future__ import annotations

import ast
import inspect
import json
import math
import warnings
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import torch
from torch.testing._internal.common_methods_invocations import op_db
from torchfacts.overloads import signature_overload
from torchfacts.public import overloads_of, public_names

from exportlint.operators import table as tables
from exportlint.operators.names import canonical, normal, owner
from exportlint.operators.support import same
from operators.calls import tested
from operators.sweep import Results

OPSETS = {"onnx-ts": (9, 20), "onnx": (9, 26)}
_LETTERS = {
    "ok": tables.OK,
    "export": tables.EXPORT,
    "runtime": tables.RUNTIME,
    "differs": tables.DIFFERS,
    "crash": tables.CRASH,
    "timeout": tables.TIMEOUT,
    "unknown": tables.UNMEASURED,
}


def distil(work: Path, output: Path) -> dict:
    """Write the table; returns counts of what went in and what was left out, for the tool to print."""
    results = Results(work)
    rows, counts = _rows(results)
    defaults = _defaults(set(rows))
    for name, found in rows.items():
        _drop_defaults(found, defaults.get(name, {}))
    profiles = sorted({profile for found in rows.values() for _, *pair in found for profile in pair})
    number = {profile: index for index, profile in enumerate(profiles)}
    operators = {
        name: {
            "defaults": defaults.get(name, {}),
            "rows": [[arguments, *(number[profile] for profile in pair)] for arguments, *pair in found],
        }
        for name, found in sorted(rows.items())
    }
    packages = ("torch", "onnx", "onnxscript", "onnxruntime")
    header = {
        "versions": {package: version(package) for package in packages},
        "opsets": OPSETS,
        "letters": {letter: word for word, letter in _LETTERS.items()} | {tables.OTHER_OPSET: "another opset"},
        "profiles": profiles,
        "aliases": _aliases(set(rows)),
    }
    output.write_text(_document(header, operators))
    return counts | {"operators": len(rows), "rows": sum(map(len, rows.values())), "profiles": len(profiles)}


def _drop_defaults(rows: list[list], defaults: dict[str, object]) -> None:
    """Leave out arguments given as what they are anyway: the look-up does the same."""
    for row in rows:
        row[0] = {key: value for key, value in row[0].items() if key not in defaults or not same(defaults[key], value)}


def _document(header: dict, operators: dict) -> str:
    """JSON with one line for each header entry and row, for people who compare two releases."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in header.items()]
    entries = []
    for name, entry in operators.items():
        rows = ",\n".join(json.dumps(row) for row in entry["rows"])
        entries.append(f'{json.dumps(name)}: {{"defaults": {json.dumps(entry["defaults"])}, "rows": [\n{rows}]}}')
    inside = ",\n".join(entries)
    return "{\n" + ",\n".join(lines) + ',\n"operators": {\n' + inside + "\n}\n}\n"


def _rows(results: Results) -> tuple[dict[str, list], dict[str, int]]:
    """Rows by operator: arguments, then one string of letters for each exporter."""
    rows: dict[str, list] = defaultdict(list)
    counts = {"cases": 0, "cells": len(results.cells), "unclear": 0, "unusable": 0}
    for cases in results.groups.values():
        first = cases[0]["key"] if cases else ""
        for case in cases:
            counts["cases"] += 1
            if "unusable" in case:
                counts["unusable"] += 1
                continue
            operation = tested(case["call"], case["layer"])
            if operation is None:
                counts["unclear"] += 1
                continue
            pair = [_profile(results, case["key"], first, exporter) for exporter in OPSETS]
            if all(set(profile) == {tables.UNMEASURED} for profile in pair):
                continue
            name = owner(operation.name)
            arguments = normal(operation.name, name, operation.arguments) | _about_inputs(case["inputs"])
            rows[name].append([{key: _stored(value) for key, value in arguments.items()}, *pair])
    return rows, counts


def _about_inputs(inputs: list[str]) -> dict[str, object]:
    """What may matter besides the arguments: the first input's rank, and its dtype where that is not float32."""
    if not inputs:
        return {}
    dtype, _, shape = inputs[0].partition("[")
    rank = len([size for size in shape.rstrip("]").split(",") if size.strip()])
    return {"@rank": rank} | ({"@dtype": dtype} if dtype != "float32" else {})


def _profile(results: Results, key: str, first: str, exporter: str) -> str:
    """One letter for each opset. An opset that was not measured has the letter of the two around it if they agree."""
    low, high = OPSETS[exporter]
    measured = {}
    for opset in range(low, high + 1):
        cell = results.cells.get((key, exporter, opset))
        if cell is not None:
            status, _, got = cell
            measured[opset] = tables.OTHER_OPSET if status == "ok" and got != opset else _LETTERS[status]
    return "".join(measured.get(opset) or _between(measured, opset, results, first, exporter) for opset in range(low, high + 1))


def _between(measured: dict[int, str], opset: int, results: Results, first: str, exporter: str) -> str:
    below = max((at for at in measured if at < opset), default=None)
    above = min((at for at in measured if at > opset), default=None)
    if below is not None and above is not None:
        return measured[below] if measured[below] == measured[above] else tables.UNMEASURED
    nearest = below if below is not None else above
    if nearest is None:
        return tables.UNMEASURED
    if measured[nearest] != tables.OK:
        return measured[nearest]
    # Works at the nearest: what lies beyond was measured on the operator's first case.
    cell = results.cells.get((first, exporter, opset))
    if cell is None or cell[0] != "ok":
        return tables.UNMEASURED
    return tables.OK if cell[2] == opset else tables.OTHER_OPSET


def _stored(value: object) -> object:
    """A value as JSON can hold it."""
    if isinstance(value, tuple):
        return [_stored(member) for member in value]
    if isinstance(value, float) and not math.isfinite(value):
        return f"<{value}>"
    return value if isinstance(value, str | int | float | bool | None) else repr(value)


def _defaults(names: set[str]) -> dict[str, dict]:
    """Default values by operator and canonical argument name, of those that are literals."""
    found: dict[str, dict] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for namespace, name, value in public_names():
            public = f"{namespace}.{name}"
            if public in names:
                overloads = overloads_of(namespace, name, value)
                if inspect.isfunction(value) and (signature := signature_overload(value)):
                    overloads = [*overloads, signature]  # the stub leaves out the defaults of some Python functions
                parameters = [p for overload in overloads for p in overload.parameters]
                literal = {canonical(public, p.name): p.default for p in reversed(parameters) if _is_literal(p.default)}
                found[public] = {key: _stored(ast.literal_eval(text)) for key, text in sorted(literal.items())}
    return found


def _is_literal(text: str) -> bool:
    try:
        return isinstance(ast.literal_eval(text), str | int | float | bool | tuple | None)
    except (SyntaxError, ValueError):
        return False


def _aliases(names: set[str]) -> dict[str, str]:
    """Names that torch has for the same operator: torch.concat for torch.cat."""
    found = {}
    for info in op_db:
        for alias in info.aliases:
            target = f"torch.{info.name}"
            if target in names and f"torch.{alias.name}" not in names:
                found[f"torch.{alias.name}"] = target
    return dict(sorted(found.items()))

"""From the sweep's work file to the table that exportlint ships."""

from __future__ import annotations

import ast
import inspect
import json
import math
import re
import warnings
from collections import Counter, defaultdict
from functools import cache
from importlib.metadata import version
from pathlib import Path

from torch.testing._internal.common_methods_invocations import op_db
from torchfacts.overloads import signature_overload
from torchfacts.public import overloads_of, public_names

from exportlint.flow.torch_calls import canonical as canonical_name
from exportlint.operators import table as tables
from exportlint.operators.names import canonical, normal, owner
from exportlint.operators.support import same
from operators import further
from operators.calls import Operation, tested
from operators.cases import group_names
from operators.letters import letter
from operators.sweep import Results

OPSETS = {"onnx-ts": (9, 20), "onnx": (9, 26)}
# Opsets that the exporter built on torch.export writes without converting down, of those that ONNX Runtime loads. Of
# 3,436 pairs of cells measured at opset 20 and at 18, 22 or 23 with torch 2.13, 3,417 had the same outcome.
_ALIKE = range(18, 24)


def distil(work: Path, output: Path, known: dict | None = None) -> dict:
    """Write the table; returns counts of what went in and what was left out, for the tool to print.

    With `known`, a table as it is stored, its rows are kept where `work` has none of the same arguments, and its
    further letters where `work` has no cell.
    """
    results = Results(work)
    rows, counts = _rows(results)
    defaults = _defaults(set(rows))
    operators = dict(known["operators"]) if known else {}
    for name, found in rows.items():
        _drop_defaults(found, defaults.get(name, {}))
        before = operators[name]["rows"] if name in operators else []
        rows[name] = _joined(before, found)
        if rows[name]:
            operators[name] = {"defaults": defaults.get(name, {}), "rows": rows[name]}
    packages = ("torch", "onnx", "onnxscript", "onnxruntime")
    header = {
        "versions": {package: version(package) for package in packages},
        "opsets": OPSETS,
        "further": further.FURTHER,
        "letters": tables.LETTERS,
        "aliases": {alias: name for alias, name in _aliases().items() if name in operators},
    }
    if known and known["versions"] != header["versions"]:
        raise SystemExit(f"the table is of {known['versions']}, measured was {header['versions']}")
    output.write_text(_document(header, dict(sorted(operators.items()))))
    return counts | {"operators": len(rows), "rows": sum(map(len, rows.values()))}


def _joined(before: list[list], found: list[list]) -> list[list]:
    """Rows as the table stores them, from such rows and from what was measured now."""
    width = 1 + len(OPSETS)
    exported = [row[:width] for row in found if any(set(letters) != {tables.UNMEASURED} for letters in row[1:width])]
    rows = [row[:width] for row in before if all(row[0] != new[0] for new in exported)] + exported
    if exported:
        _fill(rows)
    rows = [row for index, row in enumerate(rows) if row not in rows[:index]]
    merged = further.Merged((row[0], row[width]) for row in found)
    return [merged.at_end_of(row, _said(before, row[0])) for row in rows]


def _said(rows: list[list], arguments: dict) -> str:
    """The further letters that stored rows have for these arguments."""
    return next(("".join(row[1 + len(OPSETS) :]) for row in rows if row[0] == arguments), "")


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
    """Rows by operator: arguments, then one string of letters for each exporter, then the further letters."""
    rows: dict[str, list] = defaultdict(list)
    aliases = _aliases()
    counts = {"cases": 0, "cells": len(results.cells), "unclear": 0, "unusable": 0}
    for cases in (results.groups[group] for group in group_names() if group in results.groups):
        for case in [case for case in cases if not _empty(case)] or cases:
            counts["cases"] += 1
            if "unusable" in case:
                counts["unusable"] += 1
                continue
            operation = tested(case["call"], case["layer"])
            if operation is None:
                counts["unclear"] += 1
                continue
            letters = [_profile(results, case["key"], exporter) for exporter in OPSETS]
            letters.append(further.profile(results, case["key"]))
            if set("".join(letters)) == {tables.UNMEASURED}:
                continue
            name = aliases.get(owner(operation.name), owner(operation.name))
            arguments = normal(operation.name, name, operation.arguments) | about_inputs(operation, case["inputs"])
            if name == "torch.topk" and arguments.get("sorted") is False:
                continue  # in which order is anyone's choice, so nothing can be compared
            rows[name].append([{key: _stored(value) for key, value in arguments.items()}, *letters])
    return rows, counts


def _empty(case: dict) -> bool:
    """Whether an input has no elements."""
    return any(re.search(r"[\[ ]0[,\]]", text) for text in case["inputs"])


def about_inputs(operation: Operation, inputs: list[str]) -> dict[str, object]:
    """What may matter besides the arguments, in the words of exportlint.operators.nearest."""
    index = re.search(r"\bx(\d+)", operation.operand)
    if not inputs or not (index or operation.operand == "y"):
        return {}
    dtype, _, shape = inputs[int(index[1]) if index else 0].rstrip("]").partition("[")
    rank = len([size for size in shape.split(",") if size.strip()])
    if re.search(r"[<>]", operation.operand):
        dtype = "bool"
    spatial = re.search(r"([123])d$", operation.name)
    odd = bool(spatial) and rank != int(spatial[1]) + 2
    return {"@rank": rank} | ({"@odd": True} if odd else {}) | ({"@dtype": dtype} if dtype != "float32" else {})


def _profile(results: Results, key: str, exporter: str) -> str:
    """One letter for each opset. One that was not measured has the letter of the two around it, if they agree."""
    low, high = OPSETS[exporter]
    letters = {}
    for opset in range(low, high + 1):
        cell = results.cells.get((key, exporter, opset))
        if cell is not None:
            status, _, got = cell
            letters[opset] = letter(status, got, opset)
    return "".join(letters.get(opset) or _between(letters, opset) for opset in range(low, high + 1))


def _between(letters: dict[int, str], opset: int) -> str:
    below = max((at for at in letters if at < opset), default=None)
    above = min((at for at in letters if at > opset), default=None)
    agree = below is not None and above is not None and letters[below] == letters[above]
    return letters[below] if agree else tables.UNMEASURED


def _fill(rows: list[list]) -> None:
    """Give what was not measured the letter of the operator's other rows, of those that are alike at the next opset.

    Where no row is alike, its own at the nearest opset, among those that the exporter writes without converting down.
    """
    for column, (low, _) in enumerate(OPSETS.values(), start=1):
        for row in rows:
            profile = row[column]
            for index in (i for i, one in enumerate(profile) if one == tables.UNMEASURED):
                anchor = _nearest_measured(profile, index)
                votes = Counter(other[column][index] for other in rows if other[column][anchor] == profile[anchor])
                votes.pop(tables.UNMEASURED, None)
                if not votes and {low + index, low + anchor} <= set(_ALIKE):
                    votes[profile[anchor]] += 1
                if votes:
                    row[column] = row[column][:index] + votes.most_common(1)[0][0] + row[column][index + 1 :]


def _nearest_measured(profile: str, index: int) -> int:
    measured = [i for i, letter in enumerate(profile) if letter != tables.UNMEASURED]
    return min(measured, key=lambda i: abs(i - index), default=index)


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


@cache
def _aliases() -> dict[str, str]:
    """Names that torch has for the same operator: torch.concat for torch.cat."""
    pairs = {f"torch.{alias.name}": f"torch.{info.name}" for info in op_db for alias in sorted(info.aliases, key=str)}
    return {canonical_name(alias): canonical_name(name) for alias, name in pairs.items()}

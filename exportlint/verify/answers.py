"""Reads what crossed the line between parent and worker: every key, type and size is checked. Standard library only."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from exportlint.finding import TARGETS
from exportlint.verify.contract import (
    LARGEST_ANSWER,
    LARGEST_FILE,
    LONGEST_TEXT,
    MOST_ITEMS,
    MOST_READ,
    STATUSES,
    UNPRINTABLE,
    Attached,
    ContractError,
    Counterexample,
    InputValue,
    Job,
    Opset,
    Result,
    Spec,
    Stage,
    Step,
)


def parse_job(text: str) -> Job:
    """The Job a parent wrote. Raises ContractError."""
    values = decode(text)
    names = {f.name for f in fields(Job)}
    if not isinstance(values, dict) or set(values) != names:
        raise ContractError(f"a job must have exactly the keys {', '.join(sorted(names))}")
    dynamic = {name: {int(axis): label for axis, label in axes.items()} for name, axes in values["dynamic"].items()}
    lists = {name: tuple(values[name]) for name in ("args", "calls", "checks")}
    return Job(**{**values, **lists, "dynamic": dynamic})


def parse_result(text: bytes, job: Job) -> Result:
    """The Result a worker printed for `job`. Raises ContractError for anything the contract does not allow."""
    if len(text) > LARGEST_ANSWER:
        raise ContractError(f"the answer is larger than {LARGEST_ANSWER} bytes")
    try:
        values = decode(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ContractError("the answer is not UTF-8") from error
    result = reported(values, "answer")
    if (result.model, result.target) != (job.entry, job.target):
        raise ContractError("the answer is about another model or target")
    if result.counterexample and (result.counterexample.npz or result.counterexample.script):
        raise ContractError("the answer names files: what people are told to run is for the parent to name")
    return result


def reported(values: Any, key: str) -> Result:
    """A Result from its JSON, with what is attached or without, as in a report. Raises ContractError naming `key`."""
    if isinstance(values, dict):
        values = {"attached": {"read": None, "npz": "", "script": ""}, **values}
    result = _table(Result, _RESULT)(values, key)
    if (result.path is None) != (result.line is None):
        raise ContractError(f"{key}: path and line belong together")
    return result


def parse_reported(value: Any) -> Result:
    """The Result that stands as `value` in a report of `verify`. Raises ContractError."""
    if not isinstance(value, dict):
        raise ContractError("a result is not a table")
    return _table(Result, _RESULT)({**value, "attached": {"read": None, "npz": "", "script": ""}}, "result")


def decode(text: str) -> Any:
    """The value of a JSON document without duplicate keys, NaN or infinities. Raises ContractError."""

    def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) != len(pairs):
            raise ContractError("a key stands twice")
        return table

    def no_constant(name: str) -> Any:
        raise ContractError(f"{name} is not JSON")

    try:
        return json.loads(text, object_pairs_hook=no_duplicates, parse_constant=no_constant)
    except ContractError:
        raise
    except (ValueError, RecursionError) as error:
        raise ContractError(f"not JSON: {type(error).__name__}") from error


Reader = Callable[[Any, str], Any]


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise ContractError(f"{key} is not a string of at most {LONGEST_TEXT} characters")
    if UNPRINTABLE.search(value):
        raise ContractError(f"{key} holds control characters")
    return value


def _long(most: int) -> Reader:
    def read(value: Any, key: str) -> str:
        if not isinstance(value, str) or len(value) > most:
            raise ContractError(f"{key} is not a string of at most {most} characters")
        return value

    return read


def _flag(value: Any, key: str) -> bool:
    if not isinstance(value, bool):
        raise ContractError(f"{key} is neither true nor false")
    return value


def _matching(pattern: str) -> Reader:
    def read(value: Any, key: str) -> str:
        if not re.fullmatch(pattern, _text(value, key)):
            raise ContractError(f"{key} does not look like {pattern}")
        return value

    return read


def _one_of(*words: str) -> Reader:
    def read(value: Any, key: str) -> str:
        if value not in words or not isinstance(value, str):
            raise ContractError(f"{key} is none of {', '.join(words)}")
        return value

    return read


def _whole(low: int, high: int) -> Reader:
    def read(value: Any, key: str) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ContractError(f"{key} is not a whole number from {low} to {high}")
        return value

    return read


def _amount(value: Any, key: str) -> float:
    # compared, not asked by math.isfinite, which a whole number of 400 digits makes raise
    if type(value) not in (int, float) or not 0 <= value <= sys.float_info.max:
        raise ContractError(f"{key} is not a finite number from 0 up")
    return float(value)


def _maybe(reader: Reader) -> Reader:
    return lambda value, key: None if value is None else reader(value, key)


def _many(reader: Reader, most: int = MOST_ITEMS) -> Reader:
    def read(value: Any, key: str) -> tuple:
        if not isinstance(value, list) or len(value) > most:
            raise ContractError(f"{key} is not a list of at most {most}")
        return tuple(reader(item, f"{key}[{number}]") for number, item in enumerate(value))

    return read


def _named(reader: Reader) -> Reader:
    def read(value: Any, key: str) -> dict:
        if not isinstance(value, dict) or len(value) > MOST_ITEMS:
            raise ContractError(f"{key} is not a table of at most {MOST_ITEMS}")
        return {_text(name, f"{key}.name"): reader(item, f"{key}.{name[:40]}") for name, item in sorted(value.items())}

    return read


def _table(kind: type, readers: Mapping[str, Reader]) -> Reader:
    def read(value: Any, key: str) -> Any:
        if not isinstance(value, dict) or set(value) != set(readers):
            raise ContractError(f"{key} does not have exactly the keys {', '.join(readers)}")
        return kind(**{name: reader(value[name], f"{key}.{name}") for name, reader in readers.items()})

    return read


_LINE = _whole(1, 10_000_000)
_COUNT = _whole(0, 1_000_000)
_INPUT = {"name": _text, "dtype": _text, "shape": _maybe(_many(_whole(0, 2**62))), "text": _text}
_COUNTEREXAMPLE = {
    "family": _text,
    "seed": _whole(0, 2**63),
    "inputs": _many(_table(InputValue, _INPUT)),
    "npz": _maybe(_text),
    "script": _maybe(_text),
    "saved": _text,
}
_ATTACHED = {"read": _maybe(_many(_text, MOST_READ)), "npz": _long(LARGEST_FILE * 4 // 3 + 4), "script": _long(20_000)}
_STAGE = {"path": _text, "line": _LINE, "operator": _text, "error": _maybe(_amount)}
_OPSET = _maybe(_whole(1, 1000))
_SPEC = {"args": _text, "kwargs": _named(_text), "inputs": _named(_text), "arguments": _text, "example": _text}
_STEP = {"path": _text, "line": _LINE, "what": _text}
_RESULT: dict[str, Reader] = {
    "model": _text,
    "target": _one_of(*TARGETS),
    "status": _one_of(*STATUSES),
    "reason": _text,
    "path": _maybe(_text),
    "line": _maybe(_LINE),
    "rule": _maybe(_text),
    "opset": _table(Opset, {"asked": _OPSET, "got": _OPSET}),
    "max_abs": _maybe(_amount),
    "max_rel": _maybe(_amount),
    "noise": _maybe(_amount),
    "times_noise": _maybe(_amount),
    "inputs_tried": _COUNT,
    "inputs_discarded": _COUNT,
    "counterexample": _maybe(_table(Counterexample, _COUNTEREXAMPLE)),
    "divergence": _many(_table(Stage, _STAGE)),
    "histogram": _many(_whole(0, 2**62)),
    "output": _maybe(_text),
    "expected": _maybe(_text),
    "got": _maybe(_text),
    "trail": _many(_table(Step, _STEP)),
    "undecided": _many(_table(Step, _STEP)),
    "checks": _named(_text),
    "ran": _named(_matching(r"(\d{1,8}(-\d{1,8})?(,|$))*")),
    "seconds": _named(_amount),
    "spec": _maybe(_table(Spec, _SPEC)),
    "cached": _flag,
    "attached": _table(Attached, _ATTACHED),
}

"""What the parent and a worker say to each other: one JSON document each way. Standard library only.

A worker runs the user's code, so nothing it prints is trusted: what arrives is read by answers.py alone.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from exportlint.finding import TARGETS

STATUSES = ("ok", "export-failed", "not-runnable", "mismatch", "timeout", "crashed", "no-spec")
LARGEST_ANSWER = 16_000_000  # bytes of JSON from one worker
LARGEST_FILE = 8_000_000  # bytes of a counterexample's file
LONGEST_TEXT = 4_000  # characters in one string of an answer
OUR_BUG = 70  # status of a worker that failed by our fault, not the user's (EX_SOFTWARE of sysexits.h)
MOST_ITEMS = 64  # entries in one list or table of an answer
ERROR_EDGES = tuple(10.0**power for power in range(-8, 4))  # of the bins of a histogram of errors
MOST_READ = 10_000  # files that a worker names as read
UNPRINTABLE = re.compile(
    r"[^\n\t\x20-\x7e\xa0-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd]|\u202a|\u202b|\u202d|\u202e|[\u2028-\u2029]"
)


class ContractError(ValueError):
    """A document is not what the contract asks for; the text says which key and why."""


@dataclass(frozen=True)
class Job:
    """One model and one target for a worker. `seconds` is what it may take in all; `memory` a limit in bytes.

    `inputs`, `dynamic`, `args`, `kwargs`, `weights` as in config.ModelSpec; `artifacts` a folder to keep the exported
    file in; `calls` the calls of the model that callsites.py found. `only` is "spec" to stop before the export;
    `checks` are those asked for beyond it.
    """

    entry: str
    root: str
    target: str
    opset: int | None = None
    args: tuple[object, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)
    inputs: str | Mapping[str, str] | None = None
    dynamic: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    seed: int = 0
    seconds: float = 300.0
    memory: int | None = None
    artifacts: str | None = None
    weights: str | None = None
    calls: tuple[Mapping[str, Any], ...] = ()
    only: str = ""
    checks: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Raises ContractError when an argument from the configuration has no JSON form (a date, NaN)."""
        try:
            return json.dumps(asdict(self), allow_nan=False, sort_keys=True)
        except (TypeError, ValueError) as error:
            raise ContractError(f"{self.entry}: args or kwargs cannot be handed on: {error}") from error


@dataclass(frozen=True)
class Step:
    """A place that explains a result, and what happened there."""

    path: str
    line: int
    what: str


@dataclass(frozen=True)
class Stage:
    """A step of the eager run at the counterexample: the last operator of one visit to a line.

    `error`: how far the nearest value that the exported model computes is from its value, relative to the largest
    element; None where the exported model has no value of that shape.
    """

    path: str
    line: int
    operator: str
    error: float | None


@dataclass(frozen=True)
class InputValue:
    """One input of a counterexample as people read it; `shape` is None for a Python value."""

    name: str
    dtype: str
    shape: tuple[int, ...] | None
    text: str


@dataclass(frozen=True)
class Counterexample:
    """The inputs that show a failure: which family they began as, from which seed, and what is left once shrunk.

    `npz` is the file that holds them and `script` the one that reproduces the failure from it; `saved` is "ok" or why
    there are no such files.
    """

    family: str
    seed: int
    inputs: tuple[InputValue, ...]
    npz: str | None = None
    script: str | None = None
    saved: str = "not saved"


@dataclass(frozen=True)
class Attached:
    """What comes with a result and stands in no report.

    `read` are the files that building and running read, as seen from the root where they are below it; None when they
    are not known. `npz` is the content of a counterexample's file in base64, `script` the program that reads it.
    """

    read: tuple[str, ...] | None = None
    npz: str = ""
    script: str = ""


@dataclass(frozen=True)
class Opset:
    """The opset asked for and the one found in the file; None where a target has none or none was asked for."""

    asked: int | None = None
    got: int | None = None


@dataclass(frozen=True)
class Spec:
    """What was inferred of a spec, as a configuration would say it.

    `args` is a JSON list and `kwargs` JSON by name, empty where the constructor needed none; `inputs` are shapes by
    name. `arguments` and `example` say how either was found, "" where it was declared.
    """

    args: str = "[]"
    kwargs: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    arguments: str = ""
    example: str = ""


@dataclass(frozen=True)
class Result:
    """What happened when one model was exported for one target.

    `path` and `line` stand where the user should look, `rule` explains it; `trail` are further places. `output` is the
    output at fault, with `expected` and `got` there. `max_abs` and `max_rel` are the largest differences from eager
    PyTorch over all inputs that agreed, or at the counterexample; there `divergence` follows them along the model, and
    `histogram` counts the output's elements by error: none, then up to each of `ERROR_EDGES`, then larger. `checks`:
    what was checked -> "ok", "skipped: why"... `ran`: file -> the user's lines that ran in eager mode, as "5-9,12".
    `seconds`: wall time by stage (build, export, run, total). `spec`: what was inferred of it, None where nothing had
    to be. `noise` is eager mode's own rounding error on the example, and `times_noise` the export's difference there
    as a multiple of it. `undecided` are the tests of a tensor, or of what was read from one, that no input turned over,
    and where they always went. `cached`: whether an earlier run found all this.
    """

    model: str
    target: str
    status: str
    reason: str = ""
    path: str | None = None
    line: int | None = None
    rule: str | None = None
    opset: Opset = Opset()
    max_abs: float | None = None
    max_rel: float | None = None
    inputs_tried: int = 0
    inputs_discarded: int = 0
    counterexample: Counterexample | None = None
    output: str | None = None
    expected: str | None = None
    got: str | None = None
    trail: tuple[Step, ...] = ()
    checks: Mapping[str, str] = field(default_factory=dict)
    ran: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    spec: Spec | None = None
    noise: float | None = None
    times_noise: float | None = None
    undecided: tuple[Step, ...] = ()
    cached: bool = False
    divergence: tuple[Stage, ...] = ()
    histogram: tuple[int, ...] = ()
    attached: Attached = Attached()

    def sort_key(self) -> tuple:
        """Order of the output: by model, then target in the order of `TARGETS`."""
        return (self.model, TARGETS.index(self.target))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values with the keys of the report, all text made fit by `printable`."""
        return {key: value for key, value in self.to_answer().items() if key != "attached"}

    def to_answer(self) -> dict[str, Any]:
        """The same with what is attached, as a worker sends it."""
        return {**_fit(asdict(replace(self, attached=Attached()))), "attached": asdict(self.attached)}


def printable(text: str, longest: int = LONGEST_TEXT) -> str:
    """`text` cut to `longest` characters, with control and direction characters replaced, fit for a Result."""
    if len(text) > longest:
        text = text[: longest - 4] + " ..."
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def finite(number: float) -> float | None:
    """`number` as JSON can carry it: None for NaN and the infinities."""
    return float(number) if math.isfinite(number) else None


def _fit(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(key): _fit(item) for key, item in value.items()}
    return [_fit(item) for item in value] if isinstance(value, (list, tuple)) else value

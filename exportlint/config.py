"""exportlint.toml, or [tool.exportlint] in pyproject.toml, to Settings. Every error names the file and the key."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exportlint.finding import TARGETS
from exportlint.mistake import UserMistake, did_you_mean

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

OPSETS = range(7, 26)
"""Opsets that torch 2.9 and later can be asked for: 7 to 25."""

OWN_FILE = "exportlint.toml"
_FILE_ENTRY = re.compile(r"(?P<file>[^:]+\.py)::(?P<name>[A-Za-z_][\w.]*)")
_MODULE_ENTRY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_RELEASE = re.compile(r"\d+\.\d+")


class ConfigError(UserMistake):
    """The configuration is wrong; the text names the file and the key."""


@dataclass(frozen=True)
class ModelSpec:
    """How to build one model and its example inputs; see [[models]] in the documentation.

    A table { make = "package.module:Name", ... } among `args` and `kwargs` is an object of that class, made with the
    other keys as arguments. `weights` is a file with a state dict, as seen from the configuration.

    `entry`: "src/net.py::Net" or "package.module:factory". `inputs`: "src/net.py::example_inputs", or shapes by input
    name ("float32[batch, 3, 224, 224]"). `dynamic`: input name -> axis -> name of the symbolic dimension. `targets` and
    `opset` are None where the model takes those of the project.
    """

    entry: str
    args: tuple[object, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)
    inputs: str | Mapping[str, str] | None = None
    dynamic: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    targets: tuple[str, ...] | None = None
    opset: int | None = None
    weights: str | None = None


@dataclass(frozen=True)
class Settings:
    """What the project asked for. `root` is the folder that paths and `exclude` patterns are relative to;

    `source` the file the settings were read from, None when there was none; `torch` the release whose tables apply,
    and `onnxruntime` the one that has to load the files, None for those that the project pins;
    `baseline` the file of known findings.
    """

    root: Path
    source: Path | None = None
    targets: tuple[str, ...] = ("onnx",)
    opset: int | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    torch: str | None = None
    onnxruntime: str | None = None
    baseline: Path | None = None
    models: tuple[ModelSpec, ...] = ()
    checks: tuple[str, ...] = ()


class _Table:
    """One TOML table being read. Each getter takes a key away, checks it, and says where it stood when it is wrong."""

    def __init__(self, values: Mapping[str, Any], file: Path, place: str = "") -> None:
        self.left = dict(values)
        self.file = file
        self.place = place
        self.known: list[str] = []

    def wrong(self, key: str, why: str) -> ConfigError:
        return ConfigError(f"{shown(self.file)}: {self.place}{key}: {why}")

    def take(self, key: str, kind: type, described: str) -> Any:
        """The value of `key`, None when it is not given. Raises ConfigError unless it is a `kind`."""
        self.known.append(key)
        value = self.left.pop(key, None)
        # bool is an int to Python, never to a reader of TOML
        if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise self.wrong(key, f"must be {described}, not {_toml_name(value)}")
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        value = self.take(key, list, "a list of strings")
        for item in value or ():
            if not isinstance(item, str):
                raise self.wrong(key, f"must be a list of strings, but holds {_toml_name(item)}")
        return None if value is None else tuple(value)

    def targets(self) -> tuple[str, ...] | None:
        value = self.texts("targets")
        if value is None:
            return None
        for target in value:
            if target not in TARGETS:
                raise self.wrong(
                    "targets", f'"{target}" is none of {", ".join(TARGETS)}{did_you_mean(target, TARGETS)}'
                )
        if not value:
            raise self.wrong("targets", "must name at least one target")
        return tuple(target for target in TARGETS if target in value)

    def opset(self) -> int | None:
        value = self.take("opset", int, "a whole number")
        if value is not None and value not in OPSETS:
            raise self.wrong("opset", f"{value} is not between {OPSETS[0]} and {OPSETS[-1]}")
        return value

    def release(self, key: str, example: str) -> str | None:
        """The release of a package, of which two numbers count. Raises ConfigError."""
        value = self.take(key, str, "a string")
        if value is not None and not _RELEASE.fullmatch(value):
            raise self.wrong(key, f'"{value}" is not a release such as "{example}"')
        return value

    def finish(self) -> None:
        """Raises ConfigError for the first key that nobody took."""
        for key in self.left:
            raise self.wrong(key, f"unknown key{did_you_mean(key, self.known)}")


def load(start: Path, explicit: Path | None = None) -> Settings:
    """Settings from `explicit`, else from the nearest folder at or above `start` that configures exportlint.

    The search stops at the root of the repository. Without any configuration: the defaults, rooted at `start`.
    Raises ConfigError.
    """
    file = explicit or _nearest(start)
    if file is None:
        return Settings(root=start)
    file = file.absolute()
    values = _read(file)
    if file.name != "pyproject.toml":
        return _settings(_Table(values, file))
    own = _own_table(values)
    if not isinstance(own, dict):
        raise ConfigError(f"{shown(file)}: tool.exportlint: {'is missing' if own is None else 'must be a table'}")
    return _settings(_Table(own, file, "tool.exportlint."))


def _nearest(start: Path) -> Path | None:
    start = start.absolute()
    for folder in (start, *start.parents):
        own, shared = folder / OWN_FILE, folder / "pyproject.toml"
        if own.is_file():
            return own
        # Most pyproject.toml files are not ours to judge: only one that mentions exportlint is parsed.
        if shared.is_file() and b"exportlint" in shared.read_bytes() and _own_table(_read(shared)) is not None:
            return shared
        if (folder / ".git").exists():
            return None
    return None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{shown(file)}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown(file)}: is not UTF-8, which TOML must be (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{shown(file)}: is not valid TOML: {error}") from error


def shown(file: Path) -> str:
    """`file` as the user would type it from where they stand."""
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


def _own_table(values: Mapping[str, Any]) -> object:
    tool = values.get("tool", {})
    return tool.get("exportlint") if isinstance(tool, dict) else None


def _settings(table: _Table) -> Settings:
    root = table.file.parent
    given = {
        "targets": table.targets(),
        "opset": table.opset(),
        "select": table.texts("select"),
        "ignore": table.texts("ignore"),
        "exclude": table.texts("exclude"),
        "torch": table.release("torch", "2.13"),
        "onnxruntime": table.release("onnxruntime", "1.20"),
        "baseline": _baseline(table),
        "models": _models(table),
        "checks": table.texts("checks"),
    }
    table.finish()
    return Settings(root=root, source=table.file, **{key: value for key, value in given.items() if value is not None})


def _baseline(table: _Table) -> Path | None:
    """The file of known findings; the command says it when there is none, since it may be just about to be written."""
    name = table.take("baseline", str, "a file name")
    return None if name is None else Path(shown(table.file.parent / name))


def _models(table: _Table) -> tuple[ModelSpec, ...]:
    models = table.take("models", list, "an array of tables, written [[models]]") or []
    specs = []
    for number, values in enumerate(models, 1):
        if not isinstance(values, dict):
            raise table.wrong(
                "models", f"must be an array of tables, written [[models]], but holds {_toml_name(values)}"
            )
        specs.append(_model(_Table(values, table.file, f"{table.place}models[{number}].")))
    return tuple(specs)


def _model(table: _Table) -> ModelSpec:
    entry = table.take("entry", str, "a string")
    if entry is None:
        raise table.wrong("entry", 'is missing: the model, as "src/net.py::Net" or "package.module:factory"')
    _check_entry(table, "entry", entry)
    spec = ModelSpec(
        entry=entry,
        args=tuple(table.take("args", list, "an array") or ()),
        kwargs=table.take("kwargs", dict, "a table") or {},
        inputs=_inputs(table),
        dynamic=_dynamic(table),
        targets=table.targets(),
        opset=table.opset(),
        weights=_weights(table),
    )
    table.finish()
    return spec


def _check_entry(table: _Table, key: str, entry: str) -> None:
    """Raises ConfigError when `entry` is malformed or names a file that does not exist."""
    by_file = _FILE_ENTRY.fullmatch(entry)
    if not by_file and not _MODULE_ENTRY.fullmatch(entry):
        raise table.wrong(key, f'"{entry}" is neither "path/file.py::Name" nor "package.module:name"')
    if by_file and not (table.file.parent / by_file["file"]).is_file():
        raise table.wrong(key, f'"{by_file["file"]}" does not exist (looked in {table.file.parent})')


def _inputs(table: _Table) -> str | Mapping[str, str] | None:
    table.known.append("inputs")
    inputs = table.left.pop("inputs", None)
    if isinstance(inputs, str):
        _check_entry(table, "inputs", inputs)
    elif isinstance(inputs, dict):
        for name, shape in inputs.items():
            if not isinstance(shape, str):
                raise table.wrong(f"inputs.{name}", f'must be a shape such as "float32[1, 3]", not {_toml_name(shape)}')
    elif inputs is not None:
        raise table.wrong("inputs", f"must be a table of shapes or a callable, not {_toml_name(inputs)}")
    return inputs


def _weights(table: _Table) -> str | None:
    weights = table.take("weights", str, "a string")
    if weights is not None and not (table.file.parent / weights).is_file():
        raise table.wrong("weights", f'"{weights}" does not exist (looked in {table.file.parent})')
    return weights


def _dynamic(table: _Table) -> Mapping[str, Mapping[int, str]]:
    dynamic = table.take("dynamic", dict, 'a table such as { x = { 0 = "batch" } }') or {}
    read: dict[str, dict[int, str]] = {}
    for name, axes in dynamic.items():
        if not isinstance(axes, dict):
            raise table.wrong(f"dynamic.{name}", f'must be a table such as {{ 0 = "batch" }}, not {_toml_name(axes)}')
        for axis, label in axes.items():
            if not axis.isdecimal():
                raise table.wrong(f"dynamic.{name}.{axis}", "must be the number of an axis, counted from 0")
            if not isinstance(label, str) or not label.isidentifier():
                raise table.wrong(f"dynamic.{name}.{axis}", "must be the name of a symbolic dimension")
        read[name] = {int(axis): label for axis, label in axes.items()}
    return read


def _toml_name(value: object) -> str:
    kinds = {bool: "a boolean", str: "a string", int: "a whole number", float: "a number", list: "an array"}
    return kinds.get(type(value), "a table" if isinstance(value, dict) else "a date or time")

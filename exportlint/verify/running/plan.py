"""Which models are exported for which targets: one job each. Standard library only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exportlint.config import ModelSpec, Settings
from exportlint.finding import TARGETS
from exportlint.mistake import UserMistake
from exportlint.verify import callsites
from exportlint.verify.check import chosen
from exportlint.verify.contract import Job


@dataclass(frozen=True)
class Wishes:
    """What the command line says over the configuration; empty or None where it says nothing."""

    targets: tuple[str, ...] = ()
    opset: int | None = None
    inputs: str | None = None
    seed: int = 0
    seconds: float = 300.0
    memory: int | None = None
    artifacts: Path | None = None
    only: str = ""
    checks: tuple[str, ...] = ()


def jobs(settings: Settings, entries: Sequence[str], wishes: Wishes) -> list[Job]:
    """A job for each model and target. Without `entries`: the models of the configuration. Raises UserMistake."""
    root = settings.root.absolute()
    specs = [_spec(settings, root, entry) for entry in dict.fromkeys(entries)] if entries else list(settings.models)
    silent = [spec.entry for spec in specs if spec.inputs is None and not wishes.inputs]
    calls = callsites.found(settings, silent) if silent else {}
    return [job for spec in specs for job in _of_one(settings, spec, wishes, calls.get(spec.entry, ()))]


def flagged(places: Iterable[tuple[str, str]]) -> list[str]:
    """Entries of the models that findings stand in, given (symbol, path), each once; functions have no model.

    A file whose own name holds `::` can be no entry's.
    """
    found = {}
    for symbol, path in places:
        owner, _, method = symbol.rpartition(".")
        if owner and method and "::" not in path:
            found[f"{path}::{owner}"] = None
    return list(found)


def _of_one(settings: Settings, spec: ModelSpec, wishes: Wishes, calls: tuple[Mapping[str, Any], ...]) -> Iterable[Job]:
    root = settings.root.absolute()
    targets = wishes.targets or spec.targets or settings.targets
    for target in TARGETS:
        if target in targets:
            yield Job(
                entry=spec.entry,
                root=str(root),
                target=target,
                opset=(wishes.opset or spec.opset or settings.opset) if target.startswith("onnx") else None,
                args=spec.args,
                kwargs=dict(spec.kwargs),
                inputs=from_root(wishes.inputs, root, "--inputs") if wishes.inputs else _plain(spec.inputs),
                dynamic={name: dict(axes) for name, axes in spec.dynamic.items()},
                seed=wishes.seed,
                seconds=wishes.seconds,
                memory=wishes.memory,
                artifacts=str(wishes.artifacts.absolute()) if wishes.artifacts else None,
                weights=spec.weights,
                calls=calls,
                only=wishes.only,
                checks=chosen(wishes.checks, "--check") or chosen(settings.checks, "checks"),
            )


def _plain(inputs: object) -> object:
    return inputs if inputs is None or isinstance(inputs, str) else dict(inputs)


def _spec(settings: Settings, root: Path, entry: str) -> ModelSpec:
    """The specification of an entry that the user named: the configuration's, or an empty one."""
    named = from_root(entry, root, "ENTRY")
    for spec in settings.models:
        if named in (spec.entry, from_root(spec.entry, root, "entry")):
            return spec
    return ModelSpec(entry=named)


def from_root(entry: str, root: Path, what: str) -> str:
    """An entry with its file as seen from the root. Raises UserMistake for one that is malformed or names no file."""
    file, colons, name = entry.partition("::")
    if not colons:
        module, colon, name = entry.partition(":")
        if not colon or not name or not all(part.isidentifier() for part in module.split(".")):
            raise UserMistake(f'{what} "{entry}": write it as "src/net.py::Net" or "package.module:factory"')
        return entry
    for folder in (Path.cwd(), root):
        path = folder / file
        if path.is_file() and name:
            return f"{Path(os.path.relpath(path, root)).as_posix()}::{name}"
    raise UserMistake(f'{what} "{entry}": {file} does not exist')

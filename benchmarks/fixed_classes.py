"""Whether classes that fixes changed compute the same: draws them, has them built and run from both sources, compares.

The packages take turns, each with its classes in a random order with a fixed seed: most of those that change are of one
package, and would leave little room for the others. Each class is built alone, from guessed arguments or as the example
in its documentation does, else as a part of models of tools/truth/zoo that have to do with it, until one runs a method
of it that was changed; fixed_models.py does that, from the sources as they were. Then the same is done from the fixed
ones. What was run is kept, and not run again for the same source.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import itertools
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SAMPLE, SEED = 50, 20
MOST_MODELS = 4  # of the zoo, tried for one class
KIND = 8  # models of the zoo beyond which a word that their names share says of what kind they are, and no more


@dataclass(frozen=True)
class Changed:
    """A class whose source was changed: `methods` are those that were, `computes` if more than annotations differ."""

    package: str
    module: str
    name: str
    file: str
    methods: tuple[str, ...]
    computes: bool

    @property
    def watched(self) -> set[str]:
        """The changed methods as fixed_models.py names those that ran."""
        return {f"{self.file}::{self.name}.{method}" for method in self.methods}


@dataclass
class Side:
    """One package from one of the sources, with a process that builds and runs models of it."""

    root: Path
    package: str
    kept: Path
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for line in self.kept.read_text().splitlines() if self.kept.exists() else ():
            row = json.loads(line)
            self.rows[row["key"]] = row

    def ask(self, job: dict[str, Any], again: bool = False) -> dict[str, Any]:
        """What comes of a job, of an earlier run where that had the same source."""
        key = f"{self.digest} {json.dumps(job, sort_keys=True)}"
        if again or key not in self.rows:
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
            if not line:
                raise RuntimeError(f"{self.package}: {' '.join(map(str, self._process.args))} came to an end")
            row = self.rows[key] = {"key": key, **json.loads(line)}
            with self.kept.open("a") as file:
                file.write(json.dumps(row) + "\n")
        return self.rows[key]

    @cached_property
    def digest(self) -> str:
        """Stands for the source of the package, and for how it is run."""
        found = hashlib.sha256()
        ours = Path(__file__).parent
        own = [ours / name for name in ("fixed_models.py", "guessed.py", "exampled.py")]
        for file in (*own, *sorted((self.root / self.package).rglob("*.py"))):
            found.update(f"{file} ".encode() + file.read_bytes())
        return found.hexdigest()

    @cached_property
    def _process(self) -> Any:
        command = [sys.executable, str(ROOT / "benchmarks" / "fixed_models.py"), str(self.root), self.package]
        environment = {
            **os.environ,
            "HF_HUB_OFFLINE": "1",
            "YOLO_AUTOINSTALL": "false",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "tools"), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONPYCACHEPREFIX": str(self.kept.parent / "bytecode"),
        }
        return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def stop(self) -> None:
        """End the process, if there is one."""
        process = self.__dict__.get("_process")
        if process is not None:
            process.stdin.close()
            process.wait()


@dataclass
class Sample:
    """What came of the classes drawn. `changed`: how many there are of each package; `wrong`: what differs."""

    seed: int
    changed: dict[str, int]
    drawn: int = 0
    compared: list[Changed] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def compare(folder: Path, packages: list[str]) -> Sample:
    """Build and run classes that the safe fixes changed, and print what came of it."""
    with contextlib.ExitStack() as stack:
        pairs = {}
        for package in packages:
            roots = [folder / name / package for name in ("before", "safe")]
            sides = [Side(root, package, folder / f"models-{root.parent.name}.jsonl") for root in roots]
            for side in sides:
                stack.callback(side.stop)
            pairs[package] = sides
        classes = {package: list(changed(folder, package)) for package in pairs}
        sample = Sample(SEED, {package: len(each) for package, each in classes.items()})
        for one in _in_turn(classes):
            if len(sample.compared) == SAMPLE:
                break
            if one.package not in pairs:
                continue
            try:
                found = _compared(*pairs[one.package], one)
            except RuntimeError as error:
                print(f"{error}: its classes are left out", flush=True)
                del pairs[one.package]
                continue
            sample.drawn += 1
            if found is None or found == "no model":
                continue
            sample.compared.append(one)
            sample.wrong += [f"{one.module}.{one.name}: {found}"] if found else []
            print(f"{len(sample.compared):3} {one.module}.{one.name}: {found or 'the same'}", flush=True)
    print(f"{sample.drawn} drawn, {len(sample.compared)} built and run, {len(sample.wrong)} differ")
    return sample


def _in_turn(classes: dict[str, list[Changed]]) -> list[Changed]:
    """All classes, each package's shuffled: one of each package, then the next of each."""
    for each in classes.values():
        random.Random(SEED).shuffle(each)
    return [one for turn in itertools.zip_longest(*classes.values()) for one in turn if one is not None]


def _compared(before: Side, after: Side, one: Changed) -> str | None:
    """What differs, "" for nothing; None where no model of it runs a changed method; "no model" where it is none."""
    job = {"kind": "class", "name": f"{one.module}.{one.name}"}
    row = before.ask(job)
    if row["error"] == "no model":
        return "no model"
    jobs = [job, *({"kind": "zoo", "name": name} for name in _related(before, one))]
    for tried in jobs:
        old = before.ask(tried)
        if old["error"] or one.watched.isdisjoint(old["ran"]):
            continue
        new = after.ask(tried)
        if new["stages"] == old["stages"]:
            return ""
        if before.ask(tried, again=True)["stages"] != old["stages"]:
            continue  # it does not even compute the same twice
        stages = [name for name, digest in old["stages"].items() if new["stages"].get(name) != digest]
        return f"{tried['name']}: {new['error'] or ', '.join(stages)}"
    return None


def _related(side: Side, one: Changed) -> list[str]:
    """Models of the zoo that may have a class in them: named after it, its file, or a file that names the class."""
    names = side.ask({"kind": "names"})["names"]
    word = re.compile(rf"\b{one.name}\b")
    files = (side.root / side.package).rglob("*.py")
    users = {_plain(file.stem) for file in files if word.search(file.read_text(errors="replace"))}
    own = {_plain(part) for part in (*one.module.split(".")[1:], one.name)}
    parts = {name: {_plain(part) for part in name.split(":")} for name in names}
    kinds = {part for part, count in Counter(part for each in parts.values() for part in each).items() if count > KIND}
    own, users = own - kinds, users - kinds
    near = [name for name in names if parts[name] & own]
    far = [name for name in names if name not in near and parts[name] & users]
    return (near + random.Random(SEED).sample(far, len(far)))[:MOST_MODELS]


def _plain(word: str) -> str:
    return re.sub(r"^(modeling|modular)_|[-_]", "", word).lower()


def changed(folder: Path, package: str) -> Iterator[Changed]:
    """The classes of a package that the safe fixes changed, without what transformers only generates files from."""
    before, after = (folder / name / package for name in ("before", "safe"))
    for old in sorted((before / package).rglob("*.py")):
        name = old.relative_to(before)
        new = after / name
        if old.read_bytes() == new.read_bytes() or name.name.startswith("modular_"):
            continue
        parts = name.with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        was, now = _classes(old), _classes(new)
        for cls in sorted(was.keys() & now.keys()):
            pairs = [(method, was[cls][method], now[cls].get(method)) for method in sorted(was[cls])]
            differing = [(method, *both) for method, *both in pairs if both[1] is None or _differ(*both)]
            computes = any(both[1] is None or _differ(*map(_bare, both)) for _, *both in differing)
            if differing:
                methods = tuple(method for method, *_ in differing)
                yield Changed(package, module, cls, name.as_posix(), methods, computes)


def _differ(one: ast.AST, other: ast.AST) -> bool:
    return ast.dump(one) != ast.dump(other)


def _bare(function: ast.AST) -> ast.AST:
    """A function without the annotations of its parameters."""
    bare = ast.parse(ast.unparse(function))
    for node in ast.walk(bare):
        if isinstance(node, ast.arg):
            node.annotation = None
    return bare


def _classes(file: Path) -> dict[str, dict[str, ast.AST]]:
    """The methods of the classes at the top level of a file."""
    tree = ast.parse(file.read_bytes())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        node.name: {inner.name: inner for inner in node.body if isinstance(inner, kinds)}
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }

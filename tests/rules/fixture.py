"""Reads a fixture without running it: the models it holds, and the markers that say what must be found where.

A model is a class with an attribute `inputs`, the arguments of forward. It owns everything between the model before it
and its own end, so helpers stand above the model that uses them. Further attributes, all optional: `refused`, arguments
that forward raises on, which an export that lost the check answers; `dynamic`, {"x": {0: "n"}}, the axes whose size may
change; `configured = False`, where `check` is told nothing of the model; `crashes = ["onnx"]`, the targets that bring
the process down, so that they get one of their own.

Markers are comments: `# EXPECT EXL101 "words of the message"` (an error or a warning stands on this line),
`# NOTE EXL101` (a finding of severity info does), `# MISSED EXL101 why` (one should), `# FALSE EXL101 why` (one should
not). After the code may stand for which targets: `# EXPECT EXL101 [trace, onnx-ts] "tracing keeps"`; without, those
that the finding names. Several may stand on one line. A line `# onnxruntime==1.20.1` says what the project pins.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exportlint.config import ModelSpec, Settings
from exportlint.finding import TARGETS
from exportlint.flow.exporting.events import Site
from exportlint.rule import Rule, all_rules

FOLDER = Path(__file__).parents[1] / "fixtures"
_MARKER = re.compile(
    r"# (?P<kind>EXPECT|NOTE|MISSED|FALSE) (?P<rule>EXL\d{3})"
    r'(?: \[(?P<targets>[a-z, -]+)\])?(?: "(?P<words>[^"]*)"| (?P<why>[^#"]+))?\s*(?=#|$)'
)
_PIN = re.compile(r"^ *# onnxruntime==(\S+)$", re.MULTILINE)
_LOOKS_LIKE_ONE = re.compile(r"\b(EXPECT|NOTE|MISSED|FALSE)\b")


class BadFixture(Exception):
    """A fixture is malformed; the text says where and how."""


@dataclass(frozen=True)
class Marker:
    """What is claimed of one line. `targets` is empty where the marker names none; `text` are the words, or why."""

    kind: str
    line: int
    rule: str
    targets: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        targets = f" [{', '.join(self.targets)}]" if self.targets else ""
        text = f' "{self.text}"' if self.kind in ("EXPECT", "NOTE") and self.text else f" {self.text}"
        return f"{self.kind} {self.rule}{targets}{text}".rstrip()


@dataclass(frozen=True)
class Model:
    """One model of a fixture and the lines it owns; `inputs` and `refused` are source text."""

    name: str
    first: int
    last: int
    inputs: str
    refused: str | None = None
    dynamic: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    configured: bool = True
    crashes: tuple[str, ...] = ()

    def owns(self, line: int) -> bool:
        return self.first <= line <= self.last


@dataclass(frozen=True)
class Fixture:
    """A file of models, with its markers."""

    name: str
    text: str
    models: tuple[Model, ...]
    markers: tuple[Marker, ...]

    @property
    def file(self) -> str:
        return f"{self.name}.py"

    def of(self, model: Model) -> tuple[Marker, ...]:
        """The markers on the lines of one model."""
        return tuple(marker for marker in self.markers if model.owns(marker.line))

    def entry(self, model: Model) -> str:
        return f"{self.file}::{model.name}"

    def inputs(self, model: Model) -> str:
        """The entry of the function that `write` adds for a model's inputs."""
        return f"{self.file}::inputs_of_{model.name}"

    def write(self, folder: Path) -> None:
        """Writes the file into `folder`, with a function at its end for the inputs of each model: no line moves."""
        functions = [
            f"\n\ndef {what}_of_{model.name}():\n    return {source}\n"
            for model in self.models
            for what, source in (("inputs", model.inputs), ("refused", model.refused))
            if source
        ]
        (folder / self.file).write_text(self.text + "".join(functions), "utf-8")

    def settings(self, folder: Path) -> Settings:
        """What a project in `folder` that holds this fixture would be configured to."""
        specs = tuple(
            ModelSpec(self.entry(model), inputs=self.inputs(model), dynamic=model.dynamic)
            for model in self.models
            if model.configured
        )
        pinned = _PIN.search(self.text)
        return Settings(folder, targets=TARGETS, models=specs, onnxruntime=pinned and pinned[1])


def model_rules() -> tuple[Rule, ...]:
    """The rules about what models compute; those about scripts are in tests/sites."""
    return tuple(rule for rule in all_rules() if not all(issubclass(event, Site) for event in rule.events))


def all_fixtures() -> Iterator[Fixture]:
    """The fixtures there are, by name."""
    for file in sorted(FOLDER.glob("*.py")):
        yield read(file.stem, file.read_text("utf-8"))


def fixture_of(rule: str) -> Fixture:
    """The fixture of a rule, given its name. Raises FileNotFoundError."""
    name = rule.replace("-", "_")
    return read(name, (FOLDER / f"{name}.py").read_text("utf-8"))


def read(name: str, text: str) -> Fixture:
    """The fixture in a text. Raises BadFixture."""
    found = tuple(markers(name, text))
    models = tuple(_models(ast.parse(text)))
    if not models:
        raise BadFixture(f"{name}.py: no class has an attribute `inputs`")
    for marker in found:
        if not any(model.owns(marker.line) for model in models):
            raise BadFixture(f"{name}.py:{marker.line}: the marker stands behind the last model")
    return Fixture(name, text, models, found)


def markers(name: str, text: str) -> Iterator[Marker]:
    """The markers in a text. Raises BadFixture for a malformed one."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        found = list(_MARKER.finditer(token.string))
        if len(found) != len(_LOOKS_LIKE_ONE.findall(re.sub(r'"[^"]*"', "", token.string))):
            raise BadFixture(f"{name}.py:{token.start[0]}: a marker is malformed: {token.string}")
        for match in found:
            targets = tuple(filter(None, re.split(r"[, ]+", match["targets"] or "")))
            unknown = set(targets) - set(TARGETS)
            if unknown:
                raise BadFixture(f"{name}.py:{token.start[0]}: no such target: {', '.join(sorted(unknown))}")
            text_ = match["words"] if match["words"] is not None else (match["why"] or "")
            yield Marker(match["kind"], token.start[0], match["rule"], targets, text_.strip())


def _models(tree: ast.Module) -> Iterator[Model]:
    first = 1
    for statement in tree.body:
        values = _attributes(statement) if isinstance(statement, ast.ClassDef) else {}
        if not isinstance(statement, ast.ClassDef) or "inputs" not in values:
            continue
        last = statement.end_lineno or statement.lineno
        yield Model(
            statement.name,
            first,
            last,
            ast.unparse(values["inputs"]),
            ast.unparse(values["refused"]) if "refused" in values else None,
            ast.literal_eval(values["dynamic"]) if "dynamic" in values else {},
            ast.literal_eval(values["configured"]) if "configured" in values else True,
            tuple(ast.literal_eval(values["crashes"])) if "crashes" in values else (),
        )
        first = last + 1


def _attributes(cls: ast.ClassDef) -> dict[str, ast.expr]:
    return {
        target.id: statement.value
        for statement in cls.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }

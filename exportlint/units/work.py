"""The units of work, and doing one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from exportlint.finding import Finding, Problem
from exportlint.flow.collect import Collected, Collector
from exportlint.flow.entries import (
    Spec,
    classes_of,
    compile_classes,
    compile_spec,
    models,
    names_in,
    names_of,
    start_classes,
    start_spec,
    used_names,
)
from exportlint.flow.exporting.read import read
from exportlint.flow.interpreter import Interpreter
from exportlint.flow.objects import Classes
from exportlint.source import suppressions
from exportlint.source.bindings import Defined
from exportlint.source.module import Module
from exportlint.source.project import Project
from exportlint.source.suppressions import Suppression

MOST_CHARACTERS = 8_000_000  # of source kept parsed between units; a tree takes about 60 bytes of memory a character

ClassId = tuple[str, int]  # path as findings show it, and line


@dataclass(frozen=True)
class Common:
    """What all units of a run share. `roots`: where modules are looked for; `texts`: see Project."""

    roots: tuple[Path, ...]
    shown_from: Path
    targets: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict)

    def project(self) -> Project:
        """A project to do units in, one after the other."""
        return Project(self.roots, self.shown_from, self.texts)


@dataclass(frozen=True)
class Survey:
    """Which models a file holds."""

    file: Path


@dataclass(frozen=True)
class Analysis:
    """Interpret models of a file, named by their lines: those to compile by torch.jit.script, those to start.

    `later` are those to start in a unit of their own where no other model enters them. Which these are is foreseen from
    what is entered here, since models of other files hardly ever change it, and the file is still parsed.
    """

    file: Path
    compiled: tuple[int, ...]
    started: tuple[int, ...]
    later: tuple[int, ...] = ()

    @property
    def starts_here(self) -> bool:
        """Whether there is something to do before it is known what other models enter."""
        return bool(self.compiled or self.started)


@dataclass(frozen=True)
class Declared:
    """Interpret a model as the configuration declares it."""

    spec: Spec

    @property
    def file(self) -> Path:
        """Where the model stands."""
        return self.spec.file


@dataclass(frozen=True)
class Repair:
    """Find fixes for findings of a file."""

    file: Path
    findings: tuple[Finding, ...]


Unit = Survey | Analysis | Declared | Repair


@dataclass(frozen=True)
class Model:
    """A model of a file, with the names that its class uses; `is_loss` as `Classes.is_loss` says."""

    name: str
    line: int
    is_loss: bool
    names: frozenset[str]


@dataclass(frozen=True)
class Surveyed:
    """A file: its models, the names that it uses (see `flow.entries.used_names`), its suppressions, what it exports."""

    path: str
    models: tuple[Model, ...]
    names: frozenset[str]
    suppressions: tuple[Suppression, ...]
    collected: Collected


@dataclass(frozen=True)
class Analysed:
    """What was seen, and the classes of which an object was entered or surely compiled.

    `foreseen` is the unit that is left to do for the file, as it looks from here, and what comes of it.
    """

    collected: Collected
    entered: frozenset[ClassId]
    compiled: frozenset[ClassId]
    foreseen: tuple[Analysis, Analysed] | None = None


@dataclass(frozen=True)
class Repaired:
    """The findings, each with its fix where there is one."""

    findings: tuple[Finding, ...]


Result = Surveyed | Analysed | Repaired


@dataclass(frozen=True)
class Outcome:
    """What came of a unit, None where its file cannot be read; problems; and digests of all files that it looked at."""

    result: Result | None
    problems: tuple[Problem, ...] = ()
    looked_at: Mapping[str, str] = field(default_factory=dict)


def perform(unit: Unit, common: Common, project: Project) -> Outcome:
    """Do a unit in a project of these common settings."""
    project.begin(MOST_CHARACTERS)
    module = project.add(unit.file)
    result: Result | None = None
    if module is not None and isinstance(unit, Survey):
        result = _surveyed(module, project)
    elif module is not None and isinstance(unit, Repair):
        from exportlint.fix.run import proposed

        result = Repaired(proposed(unit.findings, module))
    elif module is not None:
        result = _analysed(unit, module, common, project)
    looked_at = {str(file): digest for file, digest in project.looked_at.items()}
    return Outcome(result, tuple(project.problems), looked_at)


def _surveyed(module: Module, project: Project) -> Surveyed:
    classes, names = Classes(project), names_of(module)
    found = []
    for cls in models(classes, module):
        inside = names[cls.node] if cls.node in names else names_in(cls.node)  # under an `if`
        name = cls.node.name
        found.append(Model(name, cls.node.lineno, classes.is_loss(cls), frozenset(inside - {name})))
    marked = suppressions.parse(module.path, module.text, module.tree)
    collector = Collector()
    read(project, [module], classes, collector)
    return Surveyed(module.path, tuple(found), frozenset(used_names(names)), marked, collector.collected())


def _analysed(unit: Analysis | Declared, module: Module, common: Common, project: Project) -> Analysed:
    interpreter = Interpreter(project, frozenset(common.targets))
    compiled: list[Defined] = []
    if isinstance(unit, Declared):
        if "script" in interpreter.targets:
            compiled = compile_spec(interpreter, unit.spec)
        start_spec(interpreter, unit.spec)
    else:
        found = classes_of(module)
        if unit.compiled:
            compile_classes(interpreter, [cls for cls in found if cls.node.lineno in unit.compiled])
        start_classes(interpreter, [cls for cls in found if cls.node.lineno in unit.started])
    seen = Analysed(interpreter.collector.collected(), _ids(interpreter.entered), _ids(compiled))
    interpreter.forget()
    left = left_of(unit, module.path, seen.entered) if isinstance(unit, Analysis) else None
    if left is None or not left.started:
        return seen
    try:
        return replace(seen, foreseen=(left, _analysed(left, module, common, project)))
    except (RecursionError, MemoryError):  # what was seen stays; the rest will be tried alone, and said to be lost
        return seen


def left_of(unit: Analysis, path: str, entered: Collection[ClassId]) -> Analysis:
    """What is left to do for the file of a unit once these classes were entered; `path` as findings show it."""
    return Analysis(unit.file, (), tuple(line for line in unit.later if (path, line) not in entered))


def _ids(classes: Iterable[Defined]) -> frozenset[ClassId]:
    return frozenset((cls.module.path, cls.node.lineno) for cls in classes)

"""The static half: files in, findings out. Reads source only; never imports torch or the code it checks."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from exportlint import cache as reports
from exportlint.catalogue import documented
from exportlint.config import ModelSpec, Settings
from exportlint.finding import Confidence, Finding, Problem, Report, Severity
from exportlint.mistake import UserMistake
from exportlint.rule import Context, Rule, selected
from exportlint.source import suppressions
from exportlint.source.files import model_files
from exportlint.source.module import Module
from exportlint.source.project import Project

if TYPE_CHECKING:
    from exportlint.flow.entries import Spec
    from exportlint.flow.events import Event


class RuleCrash(Exception):
    """A rule raised: our bug. Names the rule, the file and the line."""


def check(
    paths: Sequence[Path],
    settings: Settings,
    *,
    stdin: tuple[str, str] | None = None,
    cache: bool = True,
    texts: Mapping[str, str] = MappingProxyType({}),
) -> Report:
    """Findings in `paths`, or in the text given as `stdin` = (file name, text).

    `texts` are read in the place of the files that findings show under these paths: fixes that are not written yet. A
    file that cannot be read or parsed is a problem in the report and hides no other file's findings. Raises RuleCrash
    for a bug of ours.
    """
    files, problems = ([], []) if stdin else model_files(paths, settings)
    kept = None
    if cache and not stdin and not texts and not problems:
        kept = reports.key((settings, Path.cwd()), [(str(file), file) for file in files])
        known = reports.load(kept)
        if known is not None:
            return known
    report, looked_at = _checked(files, problems, settings, stdin, texts)
    if kept is not None:
        reports.save(kept, report, looked_at)
    return report


def outermost(paths: Sequence[Path], settings: Settings) -> list[str]:
    """Entries ("src/net.py::Net") of the models in `paths` that are no part of another one. Raises UserMistake."""
    from exportlint.flow import entries
    from exportlint.flow.interpreter import Interpreter

    files, problems = model_files(paths, settings)
    project = Project([settings.root], Path.cwd())
    modules = [module for module in (project.add(Path.cwd() / file) for file in files) if module is not None]
    problems += project.problems.values()
    if problems:
        raise UserMistake(f"{problems[0].path}: {problems[0].message}")
    interpreter = Interpreter(project, frozenset(settings.targets))
    return [f"{cls.module.path}::{cls.node.name}" for cls in entries.outermost(interpreter, modules)]


def _checked(
    files: Sequence[Path],
    problems: list[Problem],
    settings: Settings,
    stdin: tuple[str, str] | None,
    texts: Mapping[str, str],
) -> tuple[Report, set[Path]]:
    """The report on some files, and the other files that it took into account."""
    from exportlint.flow.entries import interpret
    from exportlint.flow.exporting.read import read
    from exportlint.flow.interpreter import Interpreter

    gc.disable()  # trees live until the end; the collector would only walk them again and again
    project = Project([settings.root], Path.cwd())
    if stdin:
        modules = [project.add(Path.cwd() / stdin[0], stdin[1])]
    else:
        named = [Path.cwd() / file for file in files]
        modules = [project.add(file, texts.get(project.show(file))) for file in named]
    modules = [module for module in modules if module is not None]
    interpreter = Interpreter(project, frozenset(settings.targets))
    models = interpret(interpreter, modules, list(_specs(settings)))
    read(project, modules, interpreter.classes, interpreter.collector)
    rules = selected(documented(), settings.select, settings.ignore)
    context = Context(settings.targets, settings.opset, settings.torch)
    found = list(_apply(rules, interpreter.collector.events(), context))
    kept = _unsuppressed(found, modules, rules, settings)
    problems += project.problems.values()
    report = Report(
        tuple(sorted(kept, key=Finding.sort_key)),
        tuple(sorted(set(problems), key=lambda p: (p.path, p.line or 0, p.message))),
        len(modules) + sum(1 for p in set(problems)),
        models,
    )
    return report, project.looked_at


def _specs(settings: Settings) -> Iterable[Spec]:
    from exportlint.flow.entries import Spec

    for model in settings.models:
        file, _, name = model.entry.partition("::")
        if name and (settings.root / file).is_file():
            yield Spec(settings.root / file, name, model.args, model.kwargs, _inputs(settings, model), model.dynamic)


def _inputs(settings: Settings, model: ModelSpec):
    if not isinstance(model.inputs, str):
        return model.inputs
    file, _, name = model.inputs.partition("::")
    return (settings.root / file, name) if name and (settings.root / file).is_file() else None


def _apply(rules: Sequence[Rule], events: Iterable[Event], context: Context) -> Iterable[Finding]:
    by_event: dict[type, list[Rule]] = {}
    for rule in rules:
        for event in rule.events:
            by_event.setdefault(event, []).append(rule)
    for event in events:
        for rule in by_event.get(type(event), ()):
            try:
                yield from rule.check(event, context)
            except Exception as error:
                raise RuleCrash(f"rule {rule.code} crashed at {event.span.path}:{event.span.line}") from error


def _unsuppressed(
    found: Sequence[Finding], modules: Sequence[Module], rules: Sequence[Rule], settings: Settings
) -> list[Finding]:
    """Findings in the checked files, each once, without the suppressed ones; and the idle suppressions."""
    known = frozenset(rule.code for rule in documented())
    active = frozenset(rule.code for rule in rules if not set(settings.targets).isdisjoint(rule.targets))
    ran = suppressions.Ran(known, active, settings.targets)
    by_path: dict[str, dict[tuple, Finding]] = {}
    for finding in found:
        if finding.targets:
            here = by_path.setdefault(finding.span.path, {})
            key = (finding.rule, finding.span, finding.targets)
            if key not in here or _weight(finding) > _weight(here[key]):
                here[key] = finding
    kept: list[Finding] = []
    for module in modules:
        here = list(by_path.get(module.path, {}).values())
        parsed = suppressions.parse(module.path, module.text, module.tree)
        if parsed:
            here, unused = suppressions.apply(here, parsed, ran)
            here += unused
        kept += here
    return kept


def _weight(finding: Finding) -> tuple[int, int]:
    return (
        (Severity.INFO, Severity.WARNING, Severity.ERROR).index(finding.severity),
        (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH).index(finding.confidence),
    )

"""The static half: files in, findings out. Reads source only; never imports torch or the code it checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from exportlint import cache as reports
from exportlint.catalogue import documented
from exportlint.config import ModelSpec, Settings
from exportlint.finding import Confidence, Finding, Problem, Report, Severity
from exportlint.mistake import UserMistake
from exportlint.rule import DEFAULT_TORCH, Context, Rule, selected
from exportlint.source import suppressions
from exportlint.source.content import content
from exportlint.source.files import model_files
from exportlint.source.project import locate

if TYPE_CHECKING:
    from exportlint.flow.entries import Spec
    from exportlint.flow.events import Event
    from exportlint.units.run import Whole
    from exportlint.units.work import Common, Surveyed


class RuleCrash(Exception):
    """A rule raised: our bug. Names the rule, the file and the line."""


def check(
    paths: Sequence[Path],
    settings: Settings,
    *,
    stdin: tuple[str, str] | None = None,
    cache: bool = True,
    texts: Mapping[str, str] = MappingProxyType({}),
    processes: int | None = 0,
    fixes: bool = False,
) -> Report:
    """Findings in `paths`, or in the text given as `stdin` = (file name, text).

    `texts` are read in the place of the files that findings show under these paths: fixes that are not written yet.
    `processes` may run at a time, None for one a core; with 0 all is done in this process, without the deadlines that
    guard against a hostile source. With `fixes` a finding has its fix, where there is one. A file that cannot be read
    or parsed is a problem in the report and hides no other file's findings. Raises RuleCrash, fix.run.FixerCrash or
    units.workers.Crash for a bug of ours.
    """
    files, problems = ([Path(stdin[0])], []) if stdin else model_files(paths, settings)
    cache = cache and not stdin
    whole_kept = cache and not texts
    asked = (settings, Path.cwd(), fixes)
    kept = reports.key(asked, [(str(file), content(file)) for file in files]) if whole_kept else ""
    known = reports.load(kept) if whole_kept and not problems else None
    if known is not None:
        return known
    from exportlint.units import run as units
    from exportlint.units.store import Store
    from exportlint.units.workers import cores

    files = [Path.cwd() / file for file in files]
    common = _common(files, settings, {Path(stdin[0]).as_posix(): stdin[1]} if stdin else texts)
    means = units.Means(Store(reports.folder()) if cache else None, cores() if processes is None else processes)
    with units.Run(common, means) as run:
        whole = run.look(files, list(_specs(settings)))
        report = _report(whole, problems, settings)
        if fixes:
            report = replace(report, findings=tuple(run.repair(report.findings)))
    if whole_kept and not problems and not whole.lost:
        checked = set(map(str, files))
        reports.save(kept, report, {file: it for file, it in whole.looked_at.items() if file not in checked})
    return report


def outermost(paths: Sequence[Path], settings: Settings) -> list[str]:
    """Entries ("src/net.py::Net") of the models in `paths` that are no part of another one. Raises UserMistake."""
    from exportlint.units import run as units

    files, problems = model_files(paths, settings)
    files = [Path.cwd() / file for file in files]
    with units.Run(_common(files, settings, {}), units.Means()) as run:
        whole = run.survey(files)
    for problem in (*problems, *whole.problems):
        raise UserMistake(f"{problem.path}: {problem.message}")
    models = [(survey.path, model) for survey in whole.surveys for model in survey.models if not model.is_loss]
    used = frozenset().union(*(model.names for _, model in models))
    return [f"{path}::{model.name}" for path, model in models if model.name not in used and model.name[0] != "_"]


def _common(files: Sequence[Path], settings: Settings, texts: Mapping[str, str]) -> Common:
    """What all units of a run share; names are looked for below the configuration and below the files' own roots."""
    from exportlint.units.work import Common

    folders = dict.fromkeys(file.parent for file in files)
    roots = dict.fromkeys([settings.root, *(locate(folder / "__init__.py")[0] for folder in folders)])
    return Common(tuple(roots), Path.cwd(), settings.targets, dict(texts))


def _report(whole: Whole, problems: list[Problem], settings: Settings) -> Report:
    rules = selected(documented(), settings.select, settings.ignore)
    context = Context(settings.targets, settings.opset, settings.torch or DEFAULT_TORCH, settings.onnxruntime)
    found = list(_apply(rules, whole.collector.events(), context))
    kept = _unsuppressed(found, whole.surveys, rules, settings)
    problems = sorted({*problems, *whole.problems}, key=lambda p: (p.path, p.line or 0, p.message))
    models = sum(len(survey.models) for survey in whole.surveys)
    files = len({survey.path for survey in whole.surveys} | {problem.path for problem in problems})
    findings = tuple(sorted(kept, key=Finding.sort_key))
    return Report(findings, tuple(problems), files, models, fresh=whole.done, units=whole.done + whole.kept)


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
    found: Sequence[Finding], surveys: Sequence[Surveyed], rules: Sequence[Rule], settings: Settings
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
    for survey in surveys:
        here = list(by_path.get(survey.path, {}).values())
        if survey.suppressions:
            here, unused = suppressions.apply(here, survey.suppressions, ran)
            here += unused
        kept += here
    return kept


def _weight(finding: Finding) -> tuple[int, int]:
    return (
        (Severity.INFO, Severity.WARNING, Severity.ERROR).index(finding.severity),
        (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH).index(finding.confidence),
    )

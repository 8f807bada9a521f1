"""The units of one run: which they are, which are found again from an earlier run, and what they say together."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, groupby
from pathlib import Path

from exportlint.cache import key
from exportlint.finding import Finding, Problem
from exportlint.flow.collect import Collector
from exportlint.flow.entries import Spec
from exportlint.source.content import content, digest
from exportlint.source.module import encoded
from exportlint.units.store import Store
from exportlint.units.work import (
    Analysed,
    Analysis,
    ClassId,
    Common,
    Declared,
    Outcome,
    Repair,
    Repaired,
    Survey,
    Surveyed,
    Unit,
    left_of,
    perform,
)
from exportlint.units.workers import Lost, Pool

_BATCH = 256  # outcomes written at a time


@dataclass(frozen=True)
class Means:
    """How units are done: what keeps their outcomes, and how many processes may run; 0: in this one, no deadline."""

    store: Store | None = None
    processes: int = 0


@dataclass
class Whole:
    """What all units of a run say together.

    `done` units were done now, of which `lost` ones came to no end; `kept` ones were found again.
    """

    collector: Collector = field(default_factory=Collector)
    surveys: list[Surveyed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    looked_at: dict[str, str] = field(default_factory=dict)
    done: int = 0
    kept: int = 0
    lost: int = 0


class Run:
    """Units of some files, done by processes that are there until the end of a `with` statement."""

    def __init__(self, common: Common, means: Means) -> None:
        self._common = common
        self._means = means
        self._digests: dict[str, str] = {}
        self._project = common.project()
        self._pool = Pool(common, means.processes)
        self.whole = Whole()
        self._entered: set[ClassId] = set()
        self._compiled: set[ClassId] = set()

    def __enter__(self) -> Run:
        self._collects = gc.isenabled()
        gc.disable()  # outcomes by the thousand, and hardly a cycle among them
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of processes and files."""
        if self._collects:
            gc.enable()
        self._pool.stop()
        if self._means.store:
            self._means.store.close()

    def look(self, files: Sequence[Path], specs: Iterable[Spec]) -> Whole:
        """Survey the files, then interpret their models: those declared, those that nothing uses, the others.

        A model that was entered as a part of another is not started on its own: the call it got says more than a guess.
        """
        self._interpret(self._surveys(files), specs)
        return self.whole

    def survey(self, files: Sequence[Path]) -> Whole:
        """Survey the files, and no more."""
        self._surveys(files)
        return self.whole

    def repair(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings, sorted by file, each with its fix where there is one."""
        by_file = [(path, tuple(here)) for path, here in groupby(findings, key=lambda finding: finding.span.path)]
        wanted = {path: Repair(self._common.shown_from / path, here) for path, here in by_file if _repairable(here)}
        outcomes = dict(zip(wanted, self._outcomes(list(wanted.values())), strict=True))
        results = {path: outcome.result for path, outcome in outcomes.items()}
        repaired = {path: result.findings for path, result in results.items() if isinstance(result, Repaired)}
        return [finding for path, here in by_file for finding in repaired.get(path, here)]

    def _surveys(self, files: Sequence[Path]) -> list[tuple[Path, Surveyed]]:
        """The files that could be read, each with its survey."""
        outcomes = zip(files, self._outcomes([Survey(file) for file in files]), strict=True)
        surveys = [(file, outcome.result) for file, outcome in outcomes if isinstance(outcome.result, Surveyed)]
        self.whole.surveys += [survey for _, survey in surveys]
        return surveys

    def _interpret(self, surveys: Sequence[tuple[Path, Surveyed]], specs: Iterable[Spec]) -> None:
        """What is to be seen in the models of some files."""
        self._take(self._analysed([Declared(spec) for spec in specs]))
        used = frozenset().union(*(survey.names for _, survey in surveys))
        first = [self._first(file, survey, used) for file, survey in surveys]
        results = self._analysed(first)
        self._take(results)
        left = [self._left(*each) for each in zip(first, surveys, results, strict=True)]
        others = iter(self._analysed([unit for unit in left if isinstance(unit, Analysis)]))
        self._take(next(others) if isinstance(each, Analysis) else each for each in left)
        for _, survey in surveys:
            self.whole.collector.merge(survey.collected)

    def _first(self, file: Path, survey: Surveyed, used: frozenset[str]) -> Analysis:
        models = [model for model in survey.models if not model.is_loss]
        compiled = [model.line for model in models if (survey.path, model.line) not in self._compiled]
        started = [model for model in models if (survey.path, model.line) not in self._entered]
        return Analysis(
            file,
            tuple(compiled) if "script" in self._common.targets else (),
            tuple(model.line for model in started if model.name not in used),
            tuple(model.line for model in started if model.name in used),
        )

    def _left(self, unit: Analysis, surveyed: tuple[Path, Surveyed], result: Analysed | None) -> Analysed | Analysis:
        """What is left to do for a file; or what came of it, where that was foreseen."""
        left = left_of(unit, surveyed[1].path, self._entered)
        if result is not None and result.foreseen is not None and result.foreseen[0] == left:
            return result.foreseen[1]
        return left

    def _analysed(self, units: Sequence[Analysis | Declared]) -> list[Analysed | None]:
        """What was seen in each unit, None where it has nothing to start or came to no end."""
        wanted = [isinstance(unit, Declared) or bool(unit.compiled or unit.started) for unit in units]
        outcomes = iter(self._outcomes(list(compress(units, wanted))))
        results = [next(outcomes).result if is_wanted else None for is_wanted in wanted]
        return [result if isinstance(result, Analysed) else None for result in results]

    def _take(self, results: Iterable[Analysed | None]) -> None:
        for result in results:
            if result is not None:
                self.whole.collector.merge(result.collected)
                self._entered |= result.entered
                self._compiled |= result.compiled

    def _outcomes(self, units: Sequence[Unit]) -> list[Outcome]:
        """What comes of each unit, in their order, kept or done."""
        store = self._means.store
        found: dict[int, Outcome] = {}
        keys = [self._key(unit) for unit in units] if store else []
        for index, kept in enumerate(keys):
            outcome = store.load(kept, self._content)
            if outcome is not None:
                found[index] = outcome
        left = [index for index in range(len(units)) if index not in found]
        self.whole.kept += len(found)
        self.whole.done += len(left)
        fresh: list[tuple[str, Outcome]] = []
        for place, outcome in self._performed([units[index] for index in left]):
            index = left[place]
            if isinstance(outcome, Lost):
                self.whole.lost += 1
                outcome = Outcome(None, (Problem(self._project.show(units[index].file), None, str(outcome)),))
            elif store:
                fresh.append((keys[index], outcome))
            found[index] = outcome
            if store and len(fresh) == _BATCH:
                store.save(fresh)
                fresh = []
        if store and fresh:
            store.save(fresh)
        outcomes = [found[index] for index in range(len(units))]
        for outcome in outcomes:
            self.whole.problems += outcome.problems
            self.whole.looked_at.update(outcome.looked_at)
        return outcomes

    def _performed(self, units: Sequence[Unit]) -> Iterator[tuple[int, Outcome | Lost]]:
        if self._means.processes:
            yield from self._pool.perform(units)
        else:
            yield from ((place, perform(unit, self._common, self._project)) for place, unit in enumerate(units))

    def _key(self, unit: Unit) -> str:
        common = self._common
        settings = (common.targets, common.roots, common.shown_from, unit)
        return key(settings, [(str(unit.file), self._content(str(unit.file)))])

    def _content(self, file: str) -> str:
        if file not in self._digests:
            text = self._common.texts.get(self._project.show(Path(file)))
            self._digests[file] = content(Path(file)) if text is None else digest(encoded(text))
        return self._digests[file]


def _repairable(findings: Iterable[Finding]) -> bool:
    from exportlint.fix.fixer import repaired_rules

    return any(finding.fix is None and finding.rule in repaired_rules() for finding in findings)

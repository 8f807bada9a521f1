"""The units of one run: which they are, which are found again from an earlier run, and what they say together."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
    MOST_CHARACTERS,
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
        self._ahead: dict[Path, tuple[Unit, Outcome | Lost]] = {}  # units of files that are done, and may be wanted
        self._unsaved: list[tuple[str, Outcome]] = []

    def __enter__(self) -> Run:
        self._collects = gc.isenabled()
        gc.disable()  # outcomes by the thousand, and hardly a cycle among them
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of processes and files."""
        if self._collects:
            gc.freeze()  # or the next thing that is made has all of them looked through
            gc.enable()
        self._pool.stop()
        if self._means.store:
            self._means.store.close()

    def look(self, files: Sequence[Path], specs: Iterable[Spec]) -> Whole:
        """Survey the files, then interpret their models: those declared, those that nothing uses, the others.

        A model that was entered as a part of another is not started on its own: the call it got says more than a guess.
        """
        self._take(self._analysed([Declared(spec) for spec in specs]))
        self._interpret(self._surveys(files, self._is_large(files)))
        return self.whole

    def survey(self, files: Sequence[Path]) -> Whole:
        """Survey the files, and no more."""
        self._surveys(files, False)
        return self.whole

    def repair(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings, sorted by file, each with its fix where there is one."""
        by_file = [(path, tuple(here)) for path, here in groupby(findings, key=lambda finding: finding.span.path)]
        wanted = {path: Repair(self._common.shown_from / path, here) for path, here in by_file if _repairable(here)}
        outcomes = dict(zip(wanted, self._outcomes(list(wanted.values())), strict=True))
        results = {path: outcome.result for path, outcome in outcomes.items()}
        repaired = {path: result.findings for path, result in results.items() if isinstance(result, Repaired)}
        return [finding for path, here in by_file for finding in repaired.get(path, here)]

    def _is_large(self, files: Sequence[Path]) -> bool:
        """Whether the processes cannot hold all files at a time, so that most would be parsed again for each unit."""
        size = sum(file.stat().st_size for file in files if file.is_file())
        return 0 < self._means.processes * MOST_CHARACTERS < size

    def _surveys(self, files: Sequence[Path], goes_ahead: bool) -> list[tuple[Path, Surveyed]]:
        """The files that could be read, each with its survey.

        If it `goes_ahead`, each survey is followed by the analysis that the file needs as far as is known by then,
        while it is still parsed. Later files hardly ever use what earlier ones have not; if they do, it is done again.
        """
        used: set[str] = set()

        def following(unit: Unit, outcome: Outcome) -> Unit | None:
            if not isinstance(outcome.result, Surveyed):
                return None
            used.update(outcome.result.names)
            unit = self._first(unit.file, outcome.result, used)
            return unit if unit.starts_here or unit.later else None

        done = self._outcomes([Survey(file) for file in files], following if goes_ahead else None)
        surveys = [
            (f, outcome.result) for f, outcome in zip(files, done, strict=True) if isinstance(outcome.result, Surveyed)
        ]
        self.whole.surveys += [survey for _, survey in surveys]
        return surveys

    def _interpret(self, surveys: Sequence[tuple[Path, Surveyed]]) -> None:
        """What is to be seen in the models of some files."""
        used = frozenset().union(*(survey.names for _, survey in surveys))
        first = [self._first(file, survey, used) for file, survey in surveys]
        results = self._analysed(first)
        self._ahead.clear()
        self._take(results)
        left = [self._left(*each) for each in zip(first, surveys, results, strict=True)]
        others = iter(self._analysed([unit for unit in left if isinstance(unit, Analysis)]))
        self._take(next(others) if isinstance(each, Analysis) else each for each in left)
        for _, survey in surveys:
            self.whole.collector.merge(survey.collected)

    def _first(self, file: Path, survey: Surveyed, used: Collection[str]) -> Analysis:
        # losses too: a few are scripted, for the sake of training
        compiled = [model.line for model in survey.models if (survey.path, model.line) not in self._compiled]
        models = [model for model in survey.models if not model.is_loss]
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
        wanted = [isinstance(unit, Declared) or unit.starts_here or self._is_ahead(unit) for unit in units]
        outcomes = iter(self._outcomes(list(compress(units, wanted))))
        results = [next(outcomes).result if is_wanted else None for is_wanted in wanted]
        return [result if isinstance(result, Analysed) else None for result in results]

    def _take(self, results: Iterable[Analysed | None]) -> None:
        for result in results:
            if result is not None:
                self.whole.collector.merge(result.collected)
                self._entered |= result.entered
                self._compiled |= result.compiled

    def _outcomes(
        self, units: Sequence[Unit], following: Callable[[Unit, Outcome], Unit | None] | None = None
    ) -> list[Outcome]:
        """What comes of each unit, in their order, kept or done; all is kept from here on.

        What is `following` one that was done now is done right after it, ahead of its time.
        """
        found = {place: self._ahead.pop(unit.file)[1] for place, unit in enumerate(units) if self._is_ahead(unit)}
        store = self._means.store
        keys = {place: self._key(unit) for place, unit in enumerate(units) if store and place not in found}
        kept = self._kept(keys)
        self.whole.kept += len(kept)
        self.whole.done += len(units) - len(kept)
        found.update(kept)
        left = [place for place in range(len(units)) if place not in found]
        wanted = [units[place] for place in left]
        for index, outcome in self._performed(wanted):
            if store and isinstance(outcome, Outcome):
                self._keep(keys[left[index]] if index < len(left) else self._key(wanted[index]), outcome)
            if index < len(left):
                found[left[index]] = outcome
                more = following(wanted[index], outcome) if following and isinstance(outcome, Outcome) else None
                wanted += [more] if more is not None else []
            else:
                self._ahead[wanted[index].file] = (wanted[index], outcome)
        self._save()
        outcomes = [self._said(unit, found[place]) for place, unit in enumerate(units)]
        for outcome in outcomes:
            self.whole.problems += outcome.problems
            self.whole.looked_at.update(outcome.looked_at)
        return outcomes

    def _is_ahead(self, unit: Unit) -> bool:
        return unit.file in self._ahead and self._ahead[unit.file][0] == unit

    def _said(self, unit: Unit, outcome: Outcome | Lost) -> Outcome:
        """What came of a unit; that it was lost is a problem of its file."""
        if isinstance(outcome, Outcome):
            return outcome
        self.whole.lost += 1
        return Outcome(None, (Problem(self._project.show(unit.file), None, str(outcome)),))

    def _kept(self, keys: Mapping[int, str]) -> dict[int, Outcome]:
        """What was kept of the units with these keys, by their places."""
        loaded = {place: self._means.store.load(key, self._content) for place, key in keys.items()}
        return {place: outcome for place, outcome in loaded.items() if outcome is not None}

    def _keep(self, key: str, outcome: Outcome) -> None:
        """Have an outcome be found again by the next run."""
        self._unsaved.append((key, outcome))
        if len(self._unsaved) == _BATCH:
            self._save()

    def _save(self) -> None:
        if self._means.store and self._unsaved:
            self._means.store.save(self._unsaved)
            self._unsaved = []

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

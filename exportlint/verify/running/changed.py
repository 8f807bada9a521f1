"""Which jobs a change since a revision may touch: their model's source, or its spec. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from exportlint.config import Settings
from exportlint.source.changes import Changes
from exportlint.source.closure import closure
from exportlint.source.project import Project, locate
from exportlint.verify.contract import Job


def changed(jobs: Sequence[Job], settings: Settings, revision: str) -> list[Job]:
    """The jobs of which a file has changed; all of them where the configuration has.

    What a job is made of: the modules that its model imports in the project, those of the callable that gives its
    inputs, its weights, and the files of the calls from which its spec is inferred. A model that lies outside of the
    project counts as changed. Raises UserMistake when there is no such revision.
    """
    changes = Changes(settings.root, revision)

    def touched(file: Path) -> bool:
        return changes.changed(file) if file.exists() else changes.lost(file)

    if settings.source and touched(settings.source):
        return list(jobs)
    sources = _Sources(settings.root)
    return [job for job in jobs if (files := sources.of(job)) is None or any(map(touched, files))]


class _Sources:
    """What jobs are made of; models of one module are looked into once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._project = Project([root, root / "src"], root)
        self._known: dict[str, frozenset[Path] | None] = {}

    def of(self, job: Job) -> frozenset[Path] | None:
        """Files, which need not exist; None where a module is none of the project's."""
        entries = [job.entry, *([job.inputs] if isinstance(job.inputs, str) else [])]
        parts = [self._module(entry) for entry in entries]
        if None in parts:
            return None
        others = [*self._called(job), *([self.root / job.weights] if job.weights else [])]
        return frozenset(others).union(*parts)

    def _module(self, entry: str) -> frozenset[Path] | None:
        location = entry.partition("::" if "::" in entry else ":")[0]
        if location not in self._known:
            self._known[location] = self._read(location, by_file="::" in entry)
        return self._known[location]

    def _read(self, location: str, by_file: bool) -> frozenset[Path] | None:
        if not by_file:
            return closure(self._project, location)
        file = self.root / location
        # names are looked for below the file's own root, too, as Python does with a script's folder
        self._project.roots = [self.root, self.root / "src", locate(file)[0]]
        return closure(self._project, file)

    def _called(self, job: Job) -> Iterable[Path]:
        """Files of the project; a call in the documentation of an installed package names none."""
        places = (self.root / str(call["at"]).rpartition(":")[0] for call in job.calls)
        return [place for place in places if place.is_file()]

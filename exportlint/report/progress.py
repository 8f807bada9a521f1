"""Progress of `verify` on a terminal: how many runs are done, and which are under way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from exportlint.report.escaping import visible
from exportlint.verify.contract import Job, Result


@contextmanager
def shown(total: int) -> Iterator[tuple[Callable[[Job], None], Callable[[Result], None]]]:
    """A bar on stderr, with the two functions that a runner calls as jobs start and end."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    under_way: list[str] = []
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)

        def started(job: Job) -> None:
            under_way.append(f"{job.entry} {job.target}")
            progress.update(task, description=escape(visible(", ".join(under_way))))

        def ended(result: Result) -> None:
            under_way.remove(f"{result.model} {result.target}")
            progress.update(task, advance=1, description=escape(visible(", ".join(under_way))))

        yield started, ended

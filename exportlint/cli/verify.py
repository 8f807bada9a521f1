"""`exportlint verify`: exports models in worker processes and compares what comes out with eager PyTorch."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from exportlint.cli.output import FORMATS, Destination, write
from exportlint.cli.reports import Reports
from exportlint.cli.stderr import say
from exportlint.cli.verified import Told, tell
from exportlint.config import OPSETS, Settings, load
from exportlint.finding import TARGETS
from exportlint.mistake import UserMistake
from exportlint.verify import verdicts
from exportlint.verify.contract import Job, Result
from exportlint.verify.isolation import sandbox
from exportlint.verify.running import plan, pool, shards
from exportlint.verify.running.changed import changed
from exportlint.verify.running.distant import NEEDED
from exportlint.verify.running.kept import Kept
from exportlint.verify.running.runner import Runner, WorkerBug
from exportlint.verify.running.shards import Shard

INSTALL = 'exportlint verify needs torch: pip install "exportlint[verify]"'


@dataclass(frozen=True)
class Options:
    """The options of the command line."""

    target: tuple[str, ...]
    check: tuple[str, ...]
    opset: int | None
    inputs: str | None
    flagged: bool
    config: Path | None
    findings: Path | None
    output_format: str
    output_file: Path | None
    artifacts: Path | None
    timeout: float
    memory: float | None
    jobs: int | None
    seed: int
    sandbox: str
    image: str
    requirements: Path | None
    wheels: Path | None
    changed_since: str | None
    shard: Shard | None
    plan: int | None
    dask: str | None
    exit_zero: bool
    no_cache: bool


def _shard(context: click.Context, parameter: click.Parameter, text: str | None) -> Shard | None:
    return shards.parse(text, "--shard") if text is not None else None


@click.command("verify", short_help="Export models and compare them with eager PyTorch.")
@click.argument("entries", nargs=-1, metavar="[ENTRY]...")
@click.option("--target", multiple=True, type=click.Choice(TARGETS), help="A way to export; may be repeated.")
@click.option("--check", multiple=True, metavar="NAME", help="A check beyond the export; all for every one.")
@click.option("--opset", type=click.IntRange(OPSETS[0], OPSETS[-1]), help="The ONNX opset to export at.")
@click.option("--inputs", metavar="FILE.py::NAME", help="A callable or value that gives the example inputs.")
@click.option("--flagged", is_flag=True, help="Verify the models that `check` flags; ENTRY are then paths to check.")
@click.option(
    "--findings", type=click.Path(path_type=Path), metavar="FILE", help="JSON of `check`: give its findings verdicts."
)
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Configuration to use instead of the nearest."
)
@click.option("--output-format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--output-file", type=click.Path(path_type=Path), metavar="FILE", help="Write the report here, not to stdout."
)
@click.option(
    "--artifacts", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Keep the exported files here."
)
@click.option(
    "--timeout", type=click.FloatRange(1), default=300.0, show_default=True, help="Seconds for one model and target."
)
@click.option(
    "--memory",
    type=click.FloatRange(1),
    metavar="GIB",
    help="Memory of one container, by default 8; or address space of a worker.",
)
@click.option("--jobs", type=click.IntRange(1), help="Workers at the same time; as many as fit by default.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=0, show_default=True, help="Where random inputs start.")
@click.option(
    "--sandbox", type=click.Choice(sandbox.KINDS), default="process", show_default=True, help="What workers run in."
)
@click.option("--image", default=sandbox.IMAGE, show_default=True, help="The image of containers.")
@click.option("--requirements", type=click.Path(path_type=Path), metavar="FILE", help="Packages to add to the image.")
@click.option(
    "--wheels",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Take them from here.",
)
@click.option("--changed-since", metavar="REV", help="Only models whose source or spec changed since this revision.")
@click.option("--shard", metavar="K/N", callback=_shard, help="Only part K of N; `merge` joins their JSON reports.")
@click.option("--plan", type=click.IntRange(1), metavar="N", help="Run nothing: print the jobs, and at most N shards.")
@click.option("--dask", metavar="ADDRESS", help="Run on the Dask cluster whose scheduler is there.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when a model fails.")
@click.option("--no-cache", is_flag=True, help="Measure afresh, and keep nothing for the next run.")
def command(entries: tuple[str, ...], **given: Any) -> int:
    """Exports models, runs what came out, and compares it with eager PyTorch on inputs chosen to disagree.

    ENTRY is a model such as src/net.py::Net or package.module:factory; by default those of the configuration.

    This runs the code of the models. Exit status: 0 all agree, 1 a model failed, 2 something to mend first, 3 a bug in
    exportlint.
    """
    options = Options(**given)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as an interruption: it ends the workers, too
    settings = load(Path.cwd(), options.config)
    settings = dataclasses.replace(settings, root=settings.root.absolute())
    jobs, findings = _planned(settings, entries, options)
    jobs = _chosen(jobs, settings, options)
    if options.plan:
        write(_plan(jobs, options.plan), Destination("json", options.output_file))
        return 0
    with _runner(options, jobs, settings.root) as runner:

        def report(results: Sequence[Result], left: int) -> None:
            seen = [_from_here(result, settings.root) for result in results]
            told = Told(seen, verdicts.judged(findings, seen), left, str(options.shard or ""))
            tell(told, Destination(options.output_format, options.output_file))

        reports = Reports(runner, len(jobs), report, early=options.output_file is not None)
        reports.ended()
        try:
            results = _run(jobs, runner, reports)
        except KeyboardInterrupt:
            reports.now()
            raise
    report(results, 0)
    if runner.bugs:
        raise WorkerBug(runner.bugs[0])
    return 1 if any(result.status != "ok" for result in results) and not options.exit_zero else 0


@contextmanager
def _runner(options: Options, jobs: Sequence[Job], root: Path) -> Iterator[Runner]:
    """What runs the jobs: workers of this machine, or a cluster. Raises UserMistake where that cannot be."""
    entries = [job.entry for job in jobs]
    if options.dask:
        from exportlint.verify.running import cluster

        if options.sandbox in sandbox.ENGINES or options.requirements:
            raise UserMistake("--dask: what engines and images the cluster has is not known; use --sandbox process")
        if options.artifacts:
            raise UserMistake("--dask: the exported files stay on the machines of the cluster; leave out --artifacts")
        # what is installed on other machines is not known here, so that their results are not kept
        with cluster.connected(options.dask, root, entries, options.sandbox) as runner:
            yield runner
        return
    wide = min(options.jobs or pool.width(len(jobs), _bytes(options.memory)), max(len(jobs), 1))
    threads = max(pool.processors() // wide, 1)
    box = sandbox.Sandbox(options.sandbox, options.image, threads, _bytes(options.memory))
    box.check(options.artifacts is not None)
    if options.requirements:
        box = _with_packages(box, options.requirements, options.wheels)
    if not box.contained and any(importlib.util.find_spec(name) is None for name in NEEDED):
        raise UserMistake(INSTALL)
    # what is installed in an image is not known here, so that results from containers are not kept
    kept = None if options.no_cache or box.contained else Kept(options.sandbox)
    with box.prepared(root, entries) as ready:
        yield Runner(ready, wide, kept)


def _planned(settings: Settings, entries: Sequence[str], options: Options) -> tuple[list[Job], list[dict[str, Any]]]:
    """The jobs, and the findings to give verdicts to. Raises UserMistake when there is nothing to do."""
    wishes = plan.Wishes(
        targets=options.target,
        opset=options.opset,
        inputs=options.inputs,
        seed=options.seed,
        seconds=options.timeout,
        memory=None if options.sandbox in sandbox.ENGINES else _bytes(options.memory),
        artifacts=options.artifacts,
        checks=options.check,
    )
    findings = verdicts.read_findings(options.findings) if options.findings else []
    if options.flagged:
        if not findings:
            findings = _checked(settings, entries)
        entries = plan.flagged((finding["symbol"], finding["path"]) for finding in findings)
        return (plan.jobs(settings, entries, wishes) if entries else []), findings
    jobs = plan.jobs(settings, entries, wishes)
    if not jobs:
        where = settings.source.name if settings.source else "exportlint.toml"
        raise UserMistake(
            f"no model to verify: name one (src/net.py::Net), or write [[models]] in {where}, or use --flagged"
        )
    return jobs, findings


def _chosen(jobs: list[Job], settings: Settings, options: Options) -> list[Job]:
    """The jobs that a change may touch, and of those the ones of the shard. Raises UserMistake."""
    if options.changed_since is not None:
        count = len(jobs)
        jobs = changed(jobs, settings, options.changed_since)
        say(f"exportlint: {len(jobs)} of {count} models and targets may have changed since {options.changed_since}")
    return options.shard.of(jobs) if options.shard else jobs


def _plan(jobs: Sequence[Job], count: int) -> str:
    """What would be run, on one line, so that it fits an output of a CI step."""
    asked = [{"model": job.entry, "target": job.target, "opset": job.opset} for job in jobs]
    return json.dumps({"schema": 1, "jobs": asked, "shards": [str(shard) for shard in shards.most(jobs, count)]}) + "\n"


def _with_packages(box: sandbox.Sandbox, file: Path, wheels: Path | None) -> sandbox.Sandbox:
    """The sandbox with the packages that `file` lists. Raises UserMistake."""
    from exportlint.verify.isolation import packages, requirements

    if not box.contained:
        raise UserMistake("--requirements: for containers only; a process uses what is installed here")
    volume = packages.Installer(box.kind, box.image, wheels).volume(requirements.read(file))
    return dataclasses.replace(box, packages=volume)


def _bytes(gibibytes: float | None) -> int | None:
    return int(gibibytes * 2**30) if gibibytes else None


def _checked(settings: Settings, paths: Sequence[str]) -> list[dict[str, Any]]:
    """The findings of the static half, as its JSON has them."""
    from exportlint import check
    from exportlint.cli.release import of_project
    from exportlint.report import json as renderer
    from exportlint.report.view import View

    settings, _ = of_project(settings)
    report = check.check(tuple(Path(path) for path in paths) or (Path(),), settings, processes=None)
    return json.loads(renderer.render(report, View(root=Path.cwd())))["findings"]


def _run(jobs: Sequence[Job], runner: Runner, reports: Reports) -> list[Result]:
    if not sys.stderr.isatty() or "CI" in os.environ:
        return runner.run(jobs, lambda job: None, lambda result: reports.ended())
    from exportlint.report.progress import shown

    with shown(len(jobs)) as (started, ended):

        def noted(result: Result) -> None:
            ended(result)
            reports.ended()

        return runner.run(jobs, started, noted)


def _from_here(result: Result, root: Path) -> Result:
    """The result with its paths relative to the working folder, as the findings of `check` have them."""

    def path(text: str) -> str:
        file = root / text
        # of os.path, since Path.exists raises for a name that no file can have
        return Path(os.path.relpath(file)).as_posix() if os.path.exists(file) else text

    trail = tuple(dataclasses.replace(step, path=path(step.path)) for step in result.trail)
    ran = {path(file): lines for file, lines in result.ran.items()}
    place = None if result.path is None else path(result.path)
    found = result.counterexample
    if found and found.npz and found.script:
        found = dataclasses.replace(found, npz=path(found.npz), script=path(found.script))
    return dataclasses.replace(result, path=place, trail=trail, ran=ran, counterexample=found)

"""`exportlint init`: finds out how models are built and called, and writes it into the configuration."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

import click

from exportlint.cli.stderr import say
from exportlint.config import OWN_FILE, ModelSpec, Settings, load, shown
from exportlint.mistake import UserMistake
from exportlint.report.escaping import visible


@click.command("init", short_help="Write the specs of models into the configuration.")
@click.argument("where", nargs=-1, metavar="[PATH|ENTRY]...")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Configuration to use instead of the nearest."
)
@click.option("--timeout", type=click.FloatRange(1), default=120.0, show_default=True, help="Seconds for one model.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Workers at the same time.")
@click.option("--dry-run", is_flag=True, help="Print the configuration instead of writing it.")
def command(where: tuple[str, ...], config: Path | None, timeout: float, jobs: int, dry_run: bool) -> int:
    """Finds models, and by trial how they are built and called, and adds them to the configuration as [[models]].

    PATH is a file or folder whose outermost models are meant (default: the working folder), ENTRY a model such as
    src/net.py::Net or package.module:factory. Models that are configured are left alone.

    This runs the code of the models. Exit status: 0 all are specified, 1 some could not be, 2 something to mend first.
    """
    from exportlint.verify.running.runner import WorkerBug

    settings = load(Path.cwd(), config)
    settings = dataclasses.replace(settings, root=settings.root.absolute())
    if any(importlib.util.find_spec(name) is None for name in ("torch", "numpy")):
        raise UserMistake('exportlint init needs torch: pip install "exportlint[verify]"')
    known = {model.entry for model in settings.models}
    entries = [entry for entry in _entries(settings, where) if entry not in known]
    if not entries:
        raise UserMistake("no model to specify: none was found, or all are configured")
    results, bugs = _tried(settings, entries, timeout, jobs)
    found = [result for result in results if result.status == "ok"]
    _write(settings, found, dry_run)
    for result in results:
        say(visible(_line(result)))
    if bugs:
        raise WorkerBug(bugs[0])
    return 0 if len(found) == len(results) else 1


def _entries(settings: Settings, where: Sequence[str]) -> list[str]:
    """The models that are meant, as entries seen from the root of the configuration."""
    from exportlint.check import outermost
    from exportlint.verify.running.plan import from_root

    paths = tuple(Path(word) for word in where if ":" not in word) or (() if where else (Path(),))
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise UserMistake(f"{missing[0]} does not exist")
    named = [from_root(word, settings.root, "ENTRY") for word in where if ":" in word]
    found = [from_root(entry, settings.root, "ENTRY") for entry in (outermost(paths, settings) if paths else ())]
    return list(dict.fromkeys([*named, *found]))


def _tried(settings: Settings, entries: Sequence[str], seconds: float, width: int) -> tuple[list, list[str]]:
    from exportlint.verify.isolation import sandbox
    from exportlint.verify.running import plan
    from exportlint.verify.running.runner import Runner

    silent = dataclasses.replace(settings, models=tuple(ModelSpec(entry) for entry in entries))
    jobs = plan.jobs(silent, (), plan.Wishes(targets=("export",), seconds=seconds, only="spec"))
    box = sandbox.Sandbox("process", threads=max((os.cpu_count() or 1) // width, 1))
    with box.prepared(settings.root, list(entries)) as ready:
        runner = Runner(ready, width)
        results = runner.run(jobs, lambda job: None, lambda result: None)
    return results, runner.bugs


def _write(settings: Settings, found: Sequence, dry_run: bool) -> None:
    from exportlint.verify.configured import with_models

    file = settings.source or settings.root / OWN_FILE
    before = file.read_text("utf-8") if file.is_file() else ""
    text = with_models(before, file, found) if found else before
    if dry_run:
        click.echo(text, nl=False)
        return
    if found:
        file.write_text(text, "utf-8")
    say(f"{shown(file)}: {len(found)} added" if found else f"{shown(file)}: nothing to add")


def _line(result) -> str:
    if result.status != "ok":
        return f"{result.model}: {result.status}: {result.reason}"
    spec = result.spec
    if spec is None:
        return f"{result.model}: declares all it needs"
    return f"{result.model}: " + "; ".join(
        text
        for text in (
            f"arguments {spec.arguments}" if spec.arguments else "",
            ", ".join(f"{name} = {shape}" for name, shape in spec.inputs.items()) + f" {spec.example}"
            if spec.example
            else "",
        )
        if text
    )

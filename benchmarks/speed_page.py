"""The page that tells what `bench_check.py` measured, and its picture."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from measuring import Figures

from exportlint.units.workers import DEADLINE

COLD, WARM = "exportlint check, cold", "exportlint check, warm"
HEAD = """# How fast it is
Written by `make bench` on a machine with {cores} cores, Python {python}, {system}; torch is not
installed where exportlint runs.

![Seconds by program, by lines of source and by cores](speed.svg)

The programs take turns; figures are medians of their runs. *cpu* is the time of all processes of a program, *MB* their
greatest memory together, *times* the wall time beside a cold check. A cold check has no cache; a warm one finds its own
report again.

## What we hold ourselves to
"""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")


@dataclass(frozen=True)
class Change:
    """An edit in a file that others build on: seconds, what --verbose said, and whether a cold run says the same."""

    file: str
    wall: float
    said: str
    same: bool


@dataclass(frozen=True)
class Measured:
    """One package: its size, and for each program the medians and how many runs they are of."""

    name: str
    files: int
    lines: int
    figures: Mapping[str, tuple[Figures, int]]
    change: Change | None

    def wall(self, program: str) -> float | None:
        """Seconds of a program, None where it did not run."""
        found = self.figures.get(program)
        return found[0].wall if found else None


@dataclass(frozen=True)
class Grown:
    """A cold check of several copies of a package."""

    name: str
    lines: int
    figures: Figures


@dataclass(frozen=True)
class Hostile:
    """A hostile source: seconds until the end of the run, what was said of it, whether its neighbour was analysed."""

    name: str
    wall: float
    said: str
    neighbour: bool


def page(
    packages: Sequence[Measured],
    grown: Sequence[Grown],
    by_cores: Mapping[int, Figures],
    loaded: Sequence[tuple[str, float]],
    hostile: Sequence[Hostile],
) -> str:
    """The whole page, as Markdown."""
    system = f"{platform.system()} {platform.machine()}"
    text = HEAD.format(cores=len(os.sched_getaffinity(0)), python=platform.python_version(), system=system)
    text += _table(("what", "most", "measured", "holds"), list(_targets(packages, loaded, hostile)))
    for package in packages:
        text += f"\n## {package.name}: {package.files:,} files, {package.lines:,} lines\n"
        rows = [_row(name, figures, package.wall(COLD), runs) for name, (figures, runs) in package.figures.items()]
        text += _table(("program", "wall s", "cpu s", "MB", "times", "runs"), rows)
    text += "\n## As the source grows\n"
    sizes = [*((p.name, p.lines, p.figures[COLD][0]) for p in packages), *((g.name, g.lines, g.figures) for g in grown)]
    rows = [(name, f"{lines:,}", *_plain(f), f"{f.cpu / lines * 1e3:.3f}") for name, lines, f in sizes]
    text += _table(("sources", "lines", "wall s", "cpu s", "MB", "cpu ms a line"), rows)
    text += f"\n## With cores: {packages[0].name}, cold\n"
    text += _table(("cores", "wall s", "cpu s", "MB"), [(str(count), *_plain(f)) for count, f in by_cores.items()])
    text += "\n## A change in a class that many extend\n"
    changes = [change for package in packages if (change := package.change)]
    rows = [(f"`{c.file}`", f"{c.wall:.2f}", c.said.removeprefix("exportlint: "), _yes(c.same)) for c in changes]
    text += _table(("edited", "wall s", "said", "the bytes of a cold run"), rows)
    text += "\n## What one unchanged file loads\n"
    text += f"{len(loaded)} modules, {sum(taken for _, taken in loaded):.0f} ms under `-X importtime`; the slowest:\n\n"
    slowest = sorted(loaded, key=lambda one: -one[1])[:10]
    text += _table(("module", "ms"), [(f"`{name}`", f"{taken:.1f}") for name, taken in slowest])
    text += "\n## Hostile sources\n"
    rows = []
    for source in hostile:
        said = source.said.replace("|", "/")[:120] or "analysed"
        rows.append((source.name.replace("_", " "), f"{source.wall:.2f}", said, _yes(source.neighbour)))
    return text + _table(("source", "wall s", "said", "its neighbour analysed"), rows)


def _targets(
    packages: Sequence[Measured], loaded: Sequence[tuple[str, float]], hostile: Sequence[Hostile]
) -> Iterator[tuple[str, str, str, str]]:
    """What is promised: its name, the limit, what was measured, whether it holds; only what was measured."""
    first, last = packages[0], packages[-1]
    for program, most in (("TorchFix --select=ALL", 1 / 25), ("libcst.parse_module alone", 1.0)):
        if beside := first.wall(program):
            yield _target(f"{first.name}, cold, beside {program}", most, first.wall(COLD) / beside, "times")
    if beside := first.wall("ruff --no-cache"):
        yield _target(f"{first.name}, warm, beside ruff --no-cache", 1.0, first.wall(WARM) / beside, "times")
    if last is not first:
        yield _target(f"{last.name}, warm", 3.0, last.wall(WARM), "s")
        yield _target(f"{last.name}, cold, beside {first.name}", 10.0, last.wall(COLD) / first.wall(COLD), "times")
        yield _target(f"{last.name}, memory of all processes", 1200.0, last.figures[COLD][0].memory, "MB")
    yield _target("one file, changed", 0.45, first.wall("exportlint check, that file changed"), "s")
    yield _target("one file, unchanged", 0.2, first.wall("exportlint check, one file as a hook"), "s")
    names = {name.partition(".")[0] for name, _ in loaded}
    yield (
        "one file, unchanged: libcst",
        "not loaded",
        "loaded" if "libcst" in names else "not loaded",
        _yes("libcst" not in names),
    )
    for package in packages:
        if package.change:
            same = package.change.same
            yield f"`{package.change.file}` edited", "as a cold run", "as a cold run" if same else "differs", _yes(same)
    slowest = max((source.wall for source in hostile), default=0.0)
    yield _target("the slowest hostile source", DEADLINE + 5.0, slowest, "s")  # it is processor time


def _target(name: str, most: float, measured: float, unit: str) -> tuple[str, str, str, str]:
    return name, f"{most:.3g} {unit}", f"{measured:.3g} {unit}", _yes(measured <= most)


def _row(name: str, figures: Figures, unit: float | None, runs: int) -> tuple[str, ...]:
    return (name, *_plain(figures), f"{figures.wall / unit:.2f}" if unit else "", str(runs))


def _plain(figures: Figures) -> tuple[str, str, str]:
    return f"{figures.wall:.2f}", f"{figures.cpu:.2f}", f"{figures.memory:.0f}"


def _yes(holds: bool) -> str:
    return "yes" if holds else "**no**"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def picture(packages: Sequence[Measured], grown: Sequence[Grown], by_cores: Mapping[int, Figures]) -> str:
    """Bars of wall seconds for each package, for the growing sources and for the cores, as SVG."""
    groups = [
        (f"{p.name}, {p.lines:,} lines", [(name, figures.wall) for name, (figures, _) in p.figures.items()])
        for p in packages
    ]
    sizes = [(p.name, p.lines, p.figures[COLD][0]) for p in packages] + [(g.name, g.lines, g.figures) for g in grown]
    groups.append(("cold, by lines", [(f"{name}: {lines:,}", f.wall) for name, lines, f in sizes]))
    groups.append((f"{packages[0].name}, cold, by cores", [(str(count), f.wall) for count, f in by_cores.items()]))
    parts, y = [], 20
    for colour, (title, bars) in zip(COLOURS * 2, groups, strict=False):
        parts.append(f'<text class="h" x="12" y="{y}">{escape(title)}</text>')
        longest = max((wall for _, wall in bars), default=0.0) or 1.0
        for name, wall in bars:
            y += 16
            width = max(wall / longest * 420, 1.0)
            parts.append(f'<text x="268" y="{y}" text-anchor="end">{escape(name)}</text>')
            parts.append(f'<rect x="276" y="{y - 9}" width="{width:.1f}" height="11" fill="{colour}"/>')
            parts.append(f'<text x="{width + 282:.1f}" y="{y}">{wall:.2f} s</text>')
        y += 30
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 770 {y}" role="img">\n'
        "<title>Seconds by program, by lines of source and by cores</title>\n"
        "<style>text{font:11px monospace;fill:#222}.h{font-weight:bold}</style>\n"
        '<rect width="100%" height="100%" fill="#fff"/>\n'
    )
    return head + "\n".join(parts) + "\n</svg>\n"

"""What `bench_fix.py` measured, put where the page on fixes tells it: between comments that name the part."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench_fix import Outcome
    from fixed_classes import Sample


def page(text: str, made: Sequence[Outcome], sample: Sample | None) -> str:
    """The page with new figures; what models compute is left as it is where none were run."""
    text = _replaced(text, "packages", _table(made))
    return text if sample is None else _replaced(text, "models", _told(sample))


def _replaced(text: str, part: str, figures: str) -> str:
    pattern = rf"(<!-- {part}: [^>]* -->\n).*?(<!-- end -->)"
    text, count = re.subn(pattern, lambda found: found[1] + figures + found[2], text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"the page has {count} parts for {part}")
    return text


def _table(made: Sequence[Outcome]) -> str:
    head = ("package", "files", "check s", "safe fixes", "files changed", "safe s")
    head += ("unsafe fixes", "files changed by both", "unsafe s")
    figures = {one.package: _figures(one) for one in made}
    figures["together"] = [sum(column) for column in zip(*figures.values(), strict=True)]
    return _markdown(head, [(package, *map(_number, row)) for package, row in figures.items()])


def _figures(one: Outcome) -> list[float]:
    modes = [figure for mode in one.modes.values() for figure in (mode.fixes, mode.files, mode.seconds)]
    return [one.files, one.check, *modes]


def _markdown(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |\n" for row in (head, *rows)]
    return lines[0] + "|---" * len(head) + "|\n" + "".join(lines[1:])


def _number(figure: float) -> str:
    return f"{figure:,}" if isinstance(figure, int) else f"{figure:,.1f}"


def _told(sample: Sample) -> str:
    computing = sum(one.computes for one in sample.compared)
    text = (
        f"Of {sum(sample.changed.values()):,} classes that safe fixes changed, {sample.drawn} were drawn (seed"
        f" {sample.seed}) until {len(sample.compared)} had been built and had run a method that was changed. In"
        f" {len(sample.compared) - computing} of them only annotations differ, in {computing} what is computed is"
        f" written otherwise. {len(sample.wrong)} compute something else.\n\n"
    )
    ran = Counter(one.package for one in sample.compared)
    rows = [(package, str(count), str(ran[package])) for package, count in sample.changed.items()]
    return text + _markdown(("package", "classes changed", "in the sample"), rows)

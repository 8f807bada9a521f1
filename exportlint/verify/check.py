"""What a check beyond the export is, and how they are found: by listing checks/, never by a list kept by hand."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from exportlint.mistake import UserMistake, did_you_mean
from exportlint.verify.clock import ENDING, Clock, TimeIsUp
from exportlint.verify.endings import Failed, Skipped

if TYPE_CHECKING:
    from exportlint.verify.subject import Subject

ALL = "all"
ONNX = ("onnx", "onnx-ts")
LAST_BEGUN = 0.8  # share of the time after which no further check is begun


@dataclass(frozen=True)
class Check:
    """One thing that is done with an exported model later. Its documentation is the docstring of its module.

    `targets` are those whose files it takes, `packages` those it imports beside the verify extra. `run` returns the
    figure, and raises Failed, Skipped, or whatever the runtime raises, which is a failure too.
    """

    targets: tuple[str, ...]
    run: Callable[[Subject], str]
    packages: tuple[str, ...] = ()


def names() -> tuple[str, ...]:
    """Every check, sorted: the files of checks/. Imports none of them."""
    folder = Path(__file__).parent / "checks"
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules([str(folder)])))


def chosen(words: Sequence[str], where: str) -> tuple[str, ...]:
    """The checks that are asked for; "all" is every one. Raises UserMistake, with `where` for a word that is none."""
    for word in words:
        if word not in (ALL, *names()):
            raise UserMistake(f'{where}: "{word}" is none of {", ".join((ALL, *names()))}{did_you_mean(word, names())}')
    return tuple(name for name in names() if name in words or ALL in words)


def checked(wanted: Sequence[str], target: str, subject: Subject, clock: Clock) -> dict[str, str]:
    """What each check says, by its name: "ok: figure", "failed: why" or "skipped: why"; every check says something.

    None is begun after a share of the time, and one that takes all that is left is broken off.
    """
    said = {}
    for name in names():
        check: Check = importlib.import_module(f"exportlint.verify.checks.{name.replace('-', '_')}").CHECK
        if target in check.targets:
            late = "skipped: no time left"
            if name not in wanted:
                said[name] = "skipped: not asked for"
            elif not clock.left(LAST_BEGUN):
                said[name] = late
            else:
                try:
                    with clock.until(ENDING):
                        said[name] = _said(check, subject)
                except TimeIsUp:
                    said[name] = late
    return said


def _said(check: Check, subject: Subject) -> str:
    absent = [package for package in check.packages if importlib.util.find_spec(package) is None]
    if absent:
        return f"skipped: {' and '.join(absent)} not installed"
    try:
        return f"ok: {check.run(subject)}"
    except Skipped as error:
        return f"skipped: {error}"
    except Failed as error:
        return f"failed: {error}"
    except Exception as error:  # whatever a converter or runtime raises: it does not take this model
        return f"failed: {type(error).__name__}: {' '.join(str(error).split())[:300]}"

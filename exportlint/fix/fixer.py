"""What a fixer is, and how the fixers are found: by listing the folder fixers/, as the rules are."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from exportlint.finding import Finding, Fix

if TYPE_CHECKING:
    from exportlint.fix.site import Site

HEADINGS = ("Before", "After", "Safety")
_FIXERS = Path(__file__).resolve().parents[1] / "fixers"
_RULE = re.compile(r'^FIXER = Fixer\("(\w+)"', re.MULTILINE)


@dataclass(frozen=True)
class Fixer:
    """One way to repair what a rule finds. Documentation stands in the docstring of the fixer's module.

    `fix` gets a finding of the rule with the code `rule` and the source around it. It answers None where the source has
    another form than the one it repairs.
    """

    rule: str
    fix: Callable[[Finding, Site], Fix | None]
    name: str = ""
    documentation: str = field(default="", repr=False)

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.documentation.strip().splitlines()[0]

    def section(self, heading: str) -> str:
        """What stands under one of the headings."""
        _, _, rest = self.documentation.partition(f"\n## {heading}\n")
        return rest.partition("\n## ")[0].strip()


class BadFixer(Exception):
    """A fixer file that the framework refuses, because its documentation lacks a part."""


@cache
def all_fixers() -> tuple[Fixer, ...]:
    """Every fixer in fixers/, by rule and name. Raises BadFixer."""
    package = importlib.import_module("exportlint.fixers")
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    found = [_load(name, importlib.import_module(f"exportlint.fixers.{name}")) for name in names]
    return tuple(sorted(found, key=lambda fixer: (fixer.rule, fixer.name)))


@cache
def fixers_of(rule: str) -> tuple[Fixer, ...]:
    """The fixers for the findings of the rule with this code."""
    return tuple(fixer for fixer in all_fixers() if fixer.rule == rule)


@cache
def repaired_rules() -> frozenset[str]:
    """The codes that have a fixer, by the text of the files: to import them is to import libcst."""
    return frozenset(code for file in _FIXERS.glob("*.py") for code in _RULE.findall(file.read_text("utf-8")))


def _load(name: str, module: ModuleType) -> Fixer:
    documentation = module.__doc__ or ""
    missing = [heading for heading in HEADINGS if f"\n## {heading}\n" not in documentation]
    if missing:
        raise BadFixer(f"fixers/{name}.py: documentation lacks the heading {missing[0]!r}")
    return replace(module.FIXER, name=name.replace("_", "-"), documentation=documentation)

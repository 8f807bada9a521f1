"""What a rule is, and how the rules are found: by listing the folder rules/, never by a list kept by hand."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from types import ModuleType
from typing import Protocol

from exportlint.finding import TARGETS, Confidence, Finding, Fix, Related, Severity, Span

HEADINGS = ("What it does", "Why it breaks", "Example", "Use instead", "When it is no problem")
DEFAULT_TORCH = "2.13"
"""The release whose tables apply where neither the configuration nor a lock file names one."""
DEFAULT_OPSET = 20
_CODE = re.compile(r"EXL[1-9]\d\d")
_NAME = re.compile(r"[a-z]+(-[a-z0-9]+)+")


@dataclass(frozen=True)
class Context:
    """What the user asked for: the targets, the opset, the torch release whose tables apply, and the release of

    onnxruntime that the project pins, None where it pins none.
    """

    targets: tuple[str, ...]
    opset: int | None = None
    torch: str = DEFAULT_TORCH
    onnxruntime: str | None = None

    @property
    def written_opset(self) -> int:
        """The opset that torch.onnx.export writes: the one asked for, else its default in torch 2.13, dynamo or not."""
        return self.opset or DEFAULT_OPSET


@dataclass(frozen=True)
class Rule:
    """One reason why a target breaks. Documentation stands in the docstring of the rule's module.

    `events` are the event classes that `check` is called with; `targets` all that the rule may name.
    """

    code: str
    name: str
    targets: tuple[str, ...]
    events: tuple[type, ...]
    check: Callable[..., Iterator[Finding]]
    since: str = "2.9"
    until: str | None = None
    documentation: str = field(default="", repr=False)

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.documentation.strip().splitlines()[0]

    def finding(
        self,
        span: Span,
        symbol: str,
        message: str,
        help: str,
        targets: tuple[str, ...],
        severity: Severity = Severity.ERROR,
        confidence: Confidence = Confidence.HIGH,
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
    ) -> Finding:
        """A finding of this rule; targets are put in the order of `TARGETS`. What is only guessed is a note."""
        severity = Severity.INFO if confidence is Confidence.LOW else severity
        ordered = tuple(t for t in TARGETS if t in targets)
        return Finding(self.code, self.name, severity, confidence, ordered, span, symbol, message, help, related, fix)


def severity(event: Seen, level: Severity = Severity.ERROR) -> Severity:
    """`level`; a note where the analysis only guesses what values are, and no error where the code may never run."""
    if event.confidence is Confidence.LOW:
        return Severity.INFO
    return Severity.WARNING if level is Severity.ERROR and not event.certain else level


class Seen(Protocol):
    """What `severity` asks of an event."""

    confidence: Confidence
    certain: bool


class BadRule(Exception):
    """A rule file that the framework refuses: undocumented, misnamed or a duplicate."""


def _load(module: ModuleType) -> Rule:
    rule = module.RULE
    documentation = module.__doc__ or ""
    file = module.__name__.rpartition(".")[2]
    if not _CODE.fullmatch(rule.code) or not _NAME.fullmatch(rule.name):
        raise BadRule(f"rules/{file}.py: code or name is malformed: {rule.code} {rule.name}")
    if rule.name.replace("-", "_") != file:
        raise BadRule(f"rules/{file}.py: the file is not named after the rule {rule.name}")
    missing = [h for h in HEADINGS if f"\n## {h}\n" not in documentation]
    if missing:
        raise BadRule(f"rules/{file}.py: documentation lacks the heading {missing[0]!r}")
    return Rule(**{**rule.__dict__, "documentation": documentation})


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule in rules/, by code. Raises BadRule for one that is undocumented, misnamed or a duplicate."""
    import pkgutil

    package = importlib.import_module("exportlint.rules")
    found = [
        _load(importlib.import_module(f"exportlint.rules.{m.name}")) for m in pkgutil.iter_modules(package.__path__)
    ]
    found.sort(key=lambda rule: rule.code)
    for one, next_ in pairwise(found):
        if one.code == next_.code:
            raise BadRule(f"two rules have the code {one.code}: {one.name} and {next_.name}")
    return tuple(found)


def selected(rules: tuple[Rule, ...], select: tuple[str, ...], ignore: tuple[str, ...]) -> tuple[Rule, ...]:
    """Rules whose code or name starts with a word of `select` (all, when empty) and with none of `ignore`."""

    def named(rule: Rule, words: tuple[str, ...]) -> bool:
        return any(rule.code.startswith(word) or rule.name == word for word in words)

    return tuple(r for r in rules if (not select or named(r, select)) and not named(r, ignore))

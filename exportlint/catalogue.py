"""Every code that a finding can carry, with its documentation: the rules, and what suppressions say of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from exportlint.finding import TARGETS, Finding
from exportlint.mistake import UserMistake, did_you_mean
from exportlint.rule import Rule, all_rules
from exportlint.source import suppressions


def _sees_no_events(*_: object) -> Iterator[Finding]:
    return iter(())


@cache
def documented() -> tuple[Rule, ...]:
    """All codes in order. That of an unused suppression has a page like a rule, but no event to look at."""
    unused = Rule(
        code=suppressions.CODE,
        name=suppressions.NAME,
        targets=TARGETS,
        events=(),
        check=_sees_no_events,
        documentation=suppressions.__doc__ or "",
    )
    return (unused, *all_rules())


def find(word: str) -> Rule:
    """The rule with this code or name. Raises UserMistake."""
    for rule in documented():
        if word.upper() == rule.code or word.lower() == rule.name:
            return rule
    raise UserMistake(f'no rule "{word}"{_meant(word)}; `exportlint rules` lists them')


def page(rule: Rule) -> str:
    """The documentation of a rule in Markdown, as `explain` shows it and docs/rules/ holds it."""
    return f"# {rule.code} {rule.name}\n\nTargets: {', '.join(rule.targets)}\n\n{rule.documentation.strip()}\n"


def check_words(words: Iterable[str], where: str) -> None:
    """Raises UserMistake for a word of --select or --ignore that selects nothing; `where` says who wrote it."""
    for word in words:
        if not any(rule.code.startswith(word) or rule.name == word for rule in documented()):
            raise UserMistake(f'{where}: no rule "{word}"{_meant(word)}')


def _meant(word: str) -> str:
    known = {rule.code for rule in documented()} | {rule.name for rule in documented()}
    return did_you_mean(word, known) or did_you_mean(word.upper(), known)

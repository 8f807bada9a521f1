"""What the page of a rule says of the fixes for its findings."""

from __future__ import annotations

from exportlint.fix.fixer import Fixer, fixers_of


def section(rule: str) -> str:
    """The fixes for the rule with this code in Markdown, to stand below its page; empty where it has none."""
    return "".join(f"\n{_described(fixer)}\n" for fixer in fixers_of(rule))


def _described(fixer: Fixer) -> str:
    before, after, safety = (fixer.section(heading) for heading in ("Before", "After", "Safety"))
    return f"## Fix: {fixer.summary}\n{before}\n\nbecomes\n{after}\n\n{safety}"

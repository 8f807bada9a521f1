"""A mistake that only the user can mend. Imports nothing of ours, so that every part may raise it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserMistake(Exception):
    """Something the user must mend. The text is one line that says what and where; the command ends with status 2."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """' (did you mean "targets"?)' when one of `known` is close to `word`, else the empty text."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""

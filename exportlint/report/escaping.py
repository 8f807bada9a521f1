"""The one place where text of strangers (source lines, paths, messages) is made harmless for what will read it."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories that a terminal acts on or hides: control, format (bidi overrides), surrogates, separators."""


def visible(text: str) -> str:
    """`text` with every character that could move a cursor, start a line or hide something spelled out as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _spelled(character) if unicodedata.category(character) in _UNSEEN else character for character in text
    )


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode()


def defused(text: str) -> str:
    """`text` for a log that a CI runner reads: it obeys `##[command]` anywhere in a line, as long as it is unbroken."""
    return text.replace("##[", "# #[")


def workflow_message(text: str) -> str:
    """The message of a workflow command (`::error::message`). Line ends are kept, all else unseen is spelled out."""
    lines = "\n".join(visible(line) for line in text.split("\n"))
    return defused(lines).replace("%", "%25").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """A property of a workflow command (`file=...`), where colons and commas have a meaning too."""
    return defused(visible(text)).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def relative_uri(path: str) -> str:
    """A relative URI reference for a path with forward slashes; a first segment with a colon is no scheme."""
    return quote(path, safe="/", errors="surrogateescape")

"""Suggests fixes in a review of the pull request, on the lines of its diff: GitHub takes them nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import api

MARKER = "<!-- exportlint suggestion -->"
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


def suggest(number: int, commit: str, suggestions: Sequence[dict[str, Any]], author: str) -> None:
    """Makes one review of all suggestions that are new and lie in the diff; none where there are none."""
    if not suggestions:
        return
    hunks = {file["filename"]: list(_hunks(file.get("patch") or "")) for file in api.pages(f"/pulls/{number}/files")}
    known = {
        (comment["path"], comment["line"], comment["body"])
        for comment in api.pages(f"/pulls/{number}/comments")
        if comment["user"] is not None and comment["user"]["login"] == author
    }
    comments = [
        _comment(entry)
        for entry in suggestions
        if any(first <= entry["line"] and entry["end_line"] <= last for first, last in hunks.get(entry["path"], ()))
    ]
    comments = [made for made in comments if (made["path"], made["line"], made["body"]) not in known]
    if comments:
        review = {"commit_id": commit, "event": "COMMENT", "body": MARKER, "comments": comments}
        api.send("POST", f"/pulls/{number}/reviews", review)


def _hunks(patch: str) -> Iterator[tuple[int, int]]:
    """The first and the last line of each stretch of the new file that a patch shows."""
    for line in patch.split("\n"):
        if found := _HUNK.match(line):
            first, count = int(found[1]), int(found[2] or 1)
            yield first, first + count - 1


def _comment(entry: dict[str, Any]) -> dict[str, Any]:
    safety = "computes the same in eager PyTorch" if entry["safe"] else "may change what eager PyTorch computes"
    # longer than any run of its kind in the text, so that the text cannot end it
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", entry["text"])), default=0))
    body = (
        f"{MARKER}\n{entry['rule']}: this {safety}, says the pull request's workflow. Read it before you take it.\n"
        f"{fence}suggestion\n{entry['text']}\n{fence}\n"
    )
    made = {"path": entry["path"], "side": "RIGHT", "line": entry["end_line"], "body": body}
    if entry["line"] != entry["end_line"]:
        made |= {"start_line": entry["line"], "start_side": "RIGHT"}
    return made

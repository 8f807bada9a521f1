"""Posts a run's findings as one comment on its pull request, which later runs change. For `workflow_run` only.

Runs with a token that may write, so it checks nothing out, installs nothing, and believes nothing of the artifact:
where to comment comes from the event and the API alone, and what to say is plain values that are escaped here.
"""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import api
import base
import inputs
import notes
import review
import runner
import summary

from exportlint.mistake import UserMistake
from exportlint.verify.contract import ContractError

MARKER = "<!-- exportlint -->"
AUTHOR = "github-actions[bot]"  # whose comments are ours; anybody else may write the marker
LONGEST = 60_000  # characters of a comment; GitHub takes 65,536


def main() -> int:
    """0, also when there is nothing to say. Raises UserMistake for an artifact that is not ours."""
    run = (base.event() or {}).get("workflow_run")
    if run is None or run["event"] != "pull_request":
        raise UserMistake("the comment is for workflows `on: workflow_run` of one that runs `on: pull_request`")
    packed = _artifact(run["id"])
    if packed is None or run["head_repository"] is None:  # null when the fork is gone
        runner.annotate("notice", "The run left nothing to comment.", title="exportlint")
        return 0
    try:
        document = notes.read(_unpacked(packed))
    # RuntimeError: it is encrypted; NotImplementedError: packed in a way that Python does not know
    except (ContractError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, zlib.error) as error:
        raise UserMistake(f"the artifact is not one of exportlint: {error}") from error
    body = render(document, f"{os.environ['GITHUB_SERVER_URL']}/{run['head_repository']['full_name']}", run["head_sha"])
    numbers = _pulls(run)
    for number in numbers:
        _say(number, body, document["total"]["findings"] or document["total"]["failed"])
        if inputs.flag("suggestions"):
            review.suggest(number, run["head_sha"], document["suggestions"], AUTHOR)
    if not numbers:
        runner.annotate("notice", "No open pull request has this commit at its head.", title="exportlint")
    return 0


def render(document: dict[str, Any], repository: str, commit: str) -> str:
    """The comment. `repository` is an address, `commit` a hash, both from the event."""
    total = document["total"]
    lines = [
        MARKER,
        f"### exportlint: {total['findings']} findings, {total['failed']} of {total['exports']} exports failed",
        f"At {commit}, as the pull request's own workflow reports it.",
        "",
    ]
    for entry in document["findings"]:
        place = _place(entry, repository, commit)
        lines.append(f"- {entry['severity']} {place} {entry['rule']}: {summary.code(entry['message'])}")
        lines.append(f"  {summary.code(entry['help'])}")
    for entry in document["results"]:
        place = _place(entry, repository, commit)
        what = f"{summary.code(entry['model'])} {entry['target']} {entry['status']}"
        lines.append(f"- {what} {place}: {summary.code(entry['reason'])}")
    return "\n".join(_within(lines))


def _within(lines: list[str]) -> Iterator[str]:
    length = 0
    for line in lines:
        length += len(line) + 1
        if length > LONGEST:
            yield "- The rest is in the job's summary."
            return
        yield line


def _place(entry: dict[str, Any], repository: str, commit: str) -> str:
    """A link to the line, which stays below the commit whatever the path is."""
    path, line = entry["path"], entry["line"]
    if not path or not line:
        return ""
    shown = summary.code(f"{path}:{line}")
    if path.startswith("/") or ".." in path.split("/"):
        return shown
    return f'<a href="{repository}/blob/{commit}/{quote(path)}#L{line}">{shown}</a>'


def _artifact(run: int) -> bytes | None:
    """The newest artifact of that name, packed; None when the run left none."""
    listed = api.get(f"/actions/runs/{run}/artifacts?" + urlencode({"name": inputs.text("artifact")}))["artifacts"]
    if not listed:
        return None
    newest = max(listed, key=lambda artifact: artifact["id"])
    return api.download(f"/actions/artifacts/{newest['id']}/zip", notes.LARGEST)


def _unpacked(packed: bytes) -> bytes:
    """The one file of the archive, as much of it as is allowed and a byte more. Raises ContractError."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        if archive.namelist() != [notes.FILE]:
            raise ContractError(f"it holds something else than {notes.FILE}")
        if archive.infolist()[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ContractError("it is packed as GitHub packs none")
        with archive.open(notes.FILE) as file:
            return file.read(notes.LARGEST + 1)


def _pulls(run: dict[str, Any]) -> list[int]:
    """The open pull requests whose head is the commit that was checked, in the repository that it came from."""
    head = f"{run['head_repository']['owner']['login']}:{run['head_branch']}"
    found = api.get("/pulls?" + urlencode({"state": "open", "head": head}))
    return [
        pull["number"]
        for pull in found
        if pull["head"]["sha"] == run["head_sha"]
        and pull["head"]["repo"] is not None
        and pull["head"]["repo"]["id"] == run["head_repository"]["id"]
    ]


def _say(number: int, body: str, anything: int) -> None:
    """Changes our comment, or makes it where there is something to say."""
    ours = next(filter(_is_ours, api.pages(f"/issues/{number}/comments")), None)
    if ours is not None:
        api.send("PATCH", f"/issues/comments/{ours['id']}", {"body": body})
    elif anything:
        api.send("POST", f"/issues/{number}/comments", {"body": body})


def _is_ours(entry: dict[str, Any]) -> bool:
    return entry["user"] is not None and entry["user"]["login"] == AUTHOR and entry["body"].startswith(MARKER)


if __name__ == "__main__":
    runner.step(main)

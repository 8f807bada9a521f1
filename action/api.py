"""GitHub's API for the repository that the workflow runs in, with the token of the input `token`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import inputs

from exportlint.mistake import UserMistake

SECONDS = 30
MOST_PAGES = 30
LARGEST = 20_000_000  # bytes of an answer


def get(path: str) -> Any:
    """What stands at a path below the repository. Raises UserMistake when GitHub refuses."""
    return json.loads(_asked(_request("GET", path), LARGEST))


def pages(path: str) -> Iterator[dict[str, Any]]:
    """The entries of a list in pages."""
    for number in range(1, MOST_PAGES + 1):
        page = get(f"{path}?per_page=100&page={number}")
        yield from page
        if len(page) < 100:
            return


def send(method: str, path: str, values: dict[str, Any]) -> None:
    """Writes. Raises UserMistake when GitHub refuses."""
    request = _request(method, path)
    request.data = json.dumps(values).encode()
    _asked(request, LARGEST)


def download(path: str, largest: int) -> bytes:
    """A file. Raises UserMistake when it has more than `largest` bytes."""
    data = _asked(_request("GET", path), largest + 1)
    if len(data) > largest:
        raise UserMistake(f"{path} is larger than {largest} bytes")
    return data


def _request(method: str, path: str) -> Request:
    address = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}{path}"
    request = Request(address, method=method, headers={"Accept": "application/vnd.github+json"})
    # files lie with another host, to which GitHub redirects: it must not see the token
    request.add_unredirected_header("Authorization", f"Bearer {inputs.text('token')}")
    return request


def _asked(request: Request, most: int) -> bytes:
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            return answer.read(most)
    except HTTPError as error:
        raise UserMistake(f"{request.method} {request.full_url}: GitHub answers {error.code} {error.reason}") from error

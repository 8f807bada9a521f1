"""Reads the list of packages that models need, as a stranger may have written it: names and versions, nothing else.

pip takes much more from such a file: options that override the command line, addresses, paths whose setup.py it runs,
`${VARIABLES}` of the environment. All of that is refused.
"""

from __future__ import annotations

import re
from pathlib import Path

from exportlint.mistake import UserMistake

MOST_LINES = 500
LONGEST_LINE = 500  # characters
_ARCHIVES = (".whl", ".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".egg")  # what pip takes for a file's name


def read(file: Path) -> tuple[str, ...]:
    """The requirements in `file`, sorted, each once. Raises UserMistake naming the file and the line."""
    try:
        text = file.read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise UserMistake(f"--requirements: {file} does not exist") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UserMistake(f"--requirements: {file} is no file of plain ASCII text") from error
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        raise UserMistake(f"--requirements: {file} has more than {MOST_LINES} lines")
    found = set()
    for number, line in enumerate(lines, start=1):
        try:
            if (given := re.sub(r"(^|\s)#.*", "", line.rstrip("\r")).strip()) != "":
                found.add(parse(given))
        except ValueError as error:
            raise UserMistake(f"--requirements: {file}:{number}: {error}") from error
    if not found:
        raise UserMistake(f"--requirements: {file} names no package")
    return tuple(sorted(found))


def parse(line: str) -> str:
    """One requirement in its normal form. Raises ValueError for whatever else pip might take from such a line."""
    from packaging.requirements import InvalidRequirement, Requirement

    if len(line) > LONGEST_LINE:
        raise ValueError(f"longer than {LONGEST_LINE} characters")
    if not line.isprintable():
        raise ValueError("holds control characters")
    if line.startswith("-"):
        raise ValueError("options are refused; list names and versions only")
    if "$" in line or "\\" in line:
        raise ValueError("variables and continued lines are refused")
    try:
        requirement = Requirement(line)
    except InvalidRequirement as error:
        raise ValueError("neither a name nor a name with versions, such as einops>=0.8") from error
    if requirement.url:
        raise ValueError("addresses are refused; list names and versions only")
    if requirement.name.lower().endswith(_ARCHIVES):
        raise ValueError("files are refused; list names and versions only")
    return str(requirement)

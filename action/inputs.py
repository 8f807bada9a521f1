"""The Action's inputs, as action.yml hands them over: variables named INPUT_..., checked here once."""

from __future__ import annotations

import os

from exportlint.mistake import UserMistake


def text(name: str) -> str:
    """The input without surrounding space; empty when it is not set."""
    return os.environ["INPUT_" + name.upper().replace("-", "_")].strip()


def lines(name: str) -> list[str]:
    """An input of several values, one a line; a value may hold spaces."""
    return [line.strip() for line in text(name).splitlines() if line.strip()]


def choice(name: str, choices: tuple[str, ...]) -> str:
    """An input that must be one of `choices`. Raises UserMistake."""
    given = text(name)
    if given not in choices:
        raise UserMistake(f'input {name}: "{given}" is none of {", ".join(choices)}')
    return given


def flag(name: str) -> bool:
    """An input that is true or false. Raises UserMistake."""
    return choice(name, ("true", "false")) == "true"


def number(name: str) -> int | None:
    """A whole number above 0; None when the input is empty. Raises UserMistake."""
    given = text(name)
    if not given:
        return None
    if not (given.isascii() and given.isdecimal()) or int(given) == 0:
        raise UserMistake(f'input {name}: "{given}" is not a whole number above 0')
    return int(given)


def shared_options() -> list[str]:
    """The options that `check` and `verify` have in common, as words of a command line. Raises UserMistake."""
    words = [f"--target={target}" for target in lines("targets")]
    if (opset := number("opset")) is not None:
        words.append(f"--opset={opset}")
    if config := text("config"):
        words.append(f"--config={config}")
    return words

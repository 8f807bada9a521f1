"""What an attack is, and the list of them. Standard library only: containers run this file, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

BOXES = ("docker", "process")


@dataclass(frozen=True)
class Attack:
    """One attack: what it tries, what stops it in every sandbox named in `stopped`, and how the run then ends.

    `run` returns what it got, which is then a success, or nothing, or raises. `ends` is found in the result's reason.
    """

    name: str
    tries: str
    stopped: dict[str, str]
    ends: str
    seconds: float
    run: Callable[[], object]


ATTACKS: dict[str, Attack] = {}


def attack(
    ends: str, *, docker: str = "", process: str = "", seconds: float = 30.0
) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Lists a function as an attack; its docstring says what it tries. A sandbox that is not named does not stop it."""

    def listed(run: Callable[[], object]) -> Callable[[], object]:
        name = run.__name__.replace("_", " ")
        stopped = {box: text for box, text in zip(BOXES, (docker, process), strict=True) if text}
        ATTACKS[name] = Attack(name, " ".join((run.__doc__ or "").split()), stopped, ends, seconds, run)
        return run

    return listed

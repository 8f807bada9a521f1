"""What holds behind a branch."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.scripting.fitting import joined
from exportlint.flow.values import UNKNOWN, Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body


class Mismatch(Value):
    """A variable that branches leave with different types, or unset: an error once used, reported at `node`."""

    def __init__(self, node: ast.AST | None, detail: str) -> None:
        self.node, self.detail = node, detail


def merged(body: Body, node: ast.If, before: dict, true: dict, false: dict, doubt: bool) -> dict[str, Value]:
    """The variables behind an `if` of which both branches go on. `doubt`: torch may compile one alone."""
    env = {}
    for name in [*true, *(n for n in false if n not in true)]:
        one, other = true.get(name), false.get(name)
        if one is None or other is None:
            side = "true" if one is None else "false"
            env[name] = UNKNOWN if doubt else Mismatch(node.test, f"`{name}` is not defined in the {side} branch")
            continue
        if isinstance(one, Mismatch) or isinstance(other, Mismatch):
            env[name] = one if isinstance(one, Mismatch) else other
            continue
        changed = one is not before.get(name) or other is not before.get(name)
        if changed and not doubt and (body.is_module(one) or body.is_module(other)):
            env[name] = Mismatch(None, f"`{name}` is a module that a branch chose; torch keeps no modules in variables")
            continue
        both = joined(one, other)
        if both is None:
            both = UNKNOWN
            if not doubt and name not in before:
                both = Mismatch(node.test, f"`{name}` is {one} in one branch and {other} in the other")
        env[name] = both
    return env

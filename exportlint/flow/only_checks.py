"""Arms of a condition that compute nothing: they raise, warn or log."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from exportlint.source.remembered import below

_HARMLESS_CALLS = ("warn", "warning", "warning_once", "info", "debug", "error", "print", "log", "exception")


def only_checks(body: list[ast.stmt], orelse: list[ast.stmt]) -> bool:
    """Whether the arms of an if compute nothing: they raise, warn, log, assert or pass."""
    return _checks(body) and _checks(orelse)


def computes_nothing(body: Sequence[ast.stmt]) -> bool:
    """Whether statements leave nothing behind: checks, written out or as calls whose result nobody reads."""
    return all(_harmless(one) or _is_bare_call(one) for one in body)


def _is_bare_call(statement: ast.stmt) -> bool:
    """`check_that(x.min() >= 0)`, while `x.add_(1)` may change something."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name)


def _checks(arm: list[ast.stmt]) -> bool:
    """What stands before a `raise` makes its message; a check that may be told not to raise says False instead."""
    if arm and isinstance(arm[-1], ast.Raise):
        return True
    raises = any(isinstance(node, ast.Raise) for statement in arm for node in below(statement))
    return all(_harmless(one) or (raises and _gives_constant(one)) for one in arm)


def _gives_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Return) and isinstance(statement.value, ast.Constant | None)


def _harmless(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Raise | ast.Pass | ast.Assert):
        return True
    if isinstance(statement, ast.If):
        return only_checks(statement.body, statement.orelse)
    if isinstance(statement, ast.Expr):
        if isinstance(statement.value, ast.Constant):
            return True
        call = statement.value
        if isinstance(call, ast.Call):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            return name in _HARMLESS_CALLS
    return False

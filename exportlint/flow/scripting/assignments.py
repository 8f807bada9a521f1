"""Values unpacked into several names, and those that an annotation gives a type."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.scripting.fitting import fits
from exportlint.flow.scripting.types import FLOAT, INT, SCALAR, TENSOR, Type, is_vague
from exportlint.flow.values import UNKNOWN, Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body

# An annotation converts nothing, where a call makes a tensor a number.
_NOT_CONVERTED = {(value, declared) for value in (TENSOR, SCALAR) for declared in (INT, FLOAT)}


def check_annotated(body: Body, node: ast.AnnAssign, value: Value) -> None:
    """`name: int = value` wants a value of just that type."""
    declared = body.program.declared(body.module, node.annotation)
    if fits(declared, value) is False or (value, declared) in _NOT_CONVERTED:
        body.fault(node, "variable-type", f"annotated {declared}, and gets {value}")


def unpack(body: Body, target: ast.Tuple | ast.List, value: Value, node: ast.AST) -> None:
    """Bind each name to its part; what torch cannot unpack is reported."""
    kind = value.name if isinstance(value, Type) else ""
    starred = any(isinstance(e, ast.Starred) for e in target.elts)
    if kind == "List" and starred:
        body.fault(node, "list-length", "a list unpacked with a star")
    if value == TENSOR:
        body.program.report_unpacking(body.module, target, body.function.qualname, bool(body.doubts))
    fits = kind == "Tuple" and len(value.args) == len(target.elts)
    if is_vague(value):
        body.fault(node, "argument-type", f"{value} unpacked")
    if kind == "Tuple" and not fits and not starred:
        body.fault(node, "list-length", f"{value} unpacked into {len(target.elts)} names")
    for index, element in enumerate(target.elts):
        part: Value = UNKNOWN
        if fits and not starred:
            part = value.args[index]
        elif kind == "List" and not starred and value.args:
            part = value.args[0]
        body.assign(element, part, node)

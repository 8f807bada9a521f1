"""Conditions as torch.jit.script sees them: decided while compiling or not, and what they tell of a variable's type."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from exportlint.flow.objects import dotted, says_none
from exportlint.flow.scripting.types import (
    NONE,
    TENSOR,
    Type,
    has_union,
    is_bare,
    is_optional,
    is_union,
    resolve,
    union,
)
from exportlint.flow.values import UNKNOWN, Instance, Layer, Map, Seq, Value
from exportlint.source.project import External

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body

_TYPE_NAMES = {"torch.Tensor": "Tensor", "builtins.list": "List", "builtins.tuple": "Tuple", "builtins.int": "int"}
_TYPE_NAMES |= {f"builtins.{name}": name for name in ("float", "bool", "str")}
_UNKNOWN_TYPES = ("numpy.", "collections.", "builtins.dict", "builtins.set", "typing.Sequence", "typing.Iterable")


@dataclass
class Outcome:
    """`known`: the branch that alone is compiled; `doubt`: perhaps one alone, we cannot tell; types in each branch."""

    known: bool | None = None
    doubt: bool = False
    true: dict[str, Value] = field(default_factory=dict)
    false: dict[str, Value] = field(default_factory=dict)

    def inverted(self) -> Outcome:
        """The outcome of `not`."""
        return Outcome(None if self.known is None else not self.known, self.doubt, self.false, self.true)


def judge(body: Body, node: ast.expr) -> Outcome:
    """What a condition decides; faults in it are reported."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return Outcome(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return judge(body, node.operand).inverted()
    if isinstance(node, ast.BoolOp):
        return _chain(body, node)
    if isinstance(node, ast.Compare) and _is_none_check(node):
        outcome = _none(body, node.left)
        return outcome if isinstance(node.ops[0], ast.Is) else outcome.inverted()
    if isinstance(node, ast.Call):
        name = body.external(node.func)
        if name == "torch.jit.is_scripting":
            return Outcome(True)
        if name == "torch.jit.isinstance" and node.args and isinstance(node.args[0], ast.Name):
            lost = {node.args[0].id: UNKNOWN}
            return Outcome(true=lost, false=lost)
        if name == "builtins.isinstance" and len(node.args) == 2:
            return _instance(body, node)
        if name == "builtins.hasattr" and len(node.args) == 2:
            return _has_attribute(body, node)
    value = body.term(node)
    _to_bool(body, node, value)
    if isinstance(node, ast.Attribute) and body.is_constant(node):
        known = body.constant(node)
        return Outcome(known) if known is not None else Outcome(doubt=True)
    return Outcome()


def _is_none_check(node: ast.Compare) -> bool:
    is_identity = len(node.ops) == 1 and isinstance(node.ops[0], ast.Is | ast.IsNot)
    return is_identity and says_none(node.comparators[0])


def _chain(body: Body, node: ast.BoolOp) -> Outcome:
    conjunction = isinstance(node.op, ast.And)
    env, doubts = dict(body.env), body.doubts
    total = Outcome(known=conjunction)
    for operand in node.values:
        one = judge(body, operand)
        total.doubt |= one.doubt
        if one.known is (not conjunction):
            total.known = not conjunction
            if not (isinstance(operand, ast.Compare) and _is_none_check(operand)):
                break
        if one.known is None and not one.doubt and total.known is conjunction:
            total.known = None
        refined = one.true if conjunction else one.false
        (total.true if conjunction else total.false).update(refined)
        body.env.update(refined)
        body.doubts += one.doubt
    body.env, body.doubts = env, doubts
    return total


def _none(body: Body, node: ast.expr) -> Outcome:
    value = body.term(node)
    if value == NONE:
        return Outcome(True)
    if is_optional(value):
        if isinstance(node, ast.Name):
            return Outcome(true={node.id: NONE}, false={node.id: value.args[0]})
        return Outcome()
    known = isinstance(value, Type) and value.name not in ("Any",)
    if known or isinstance(value, Instance | Layer | Seq | Map):
        return Outcome(False)
    return Outcome(doubt=True)


def _instance(body: Body, node: ast.Call) -> Outcome:
    value = body.term(node.args[0])
    wanted = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
    names = []
    for one in wanted:
        resolved = resolve(body.project, body.module, dotted(one))
        name = resolved.name if isinstance(resolved, External) else ""
        if name.startswith(_UNKNOWN_TYPES):
            body.fault(one, "reflection", f"isinstance with `{dotted(one)}`")
        names.append(_TYPE_NAMES.get(name))
    variable = node.args[0].id if isinstance(node.args[0], ast.Name) else None
    if not isinstance(value, Type) or value.name == "Any" or None in names or is_bare(value):
        lost = {variable: UNKNOWN} if variable and has_union(value) else {}
        return Outcome(doubt=True, true=lost, false=lost)
    if is_optional(value) and not is_union(value.args[0]):
        if variable and getattr(value.args[0], "name", None) in names:
            return Outcome(true={variable: value.args[0]})
        return Outcome(doubt=True)
    if is_optional(value) or is_union(value):
        return _of_several(variable, value, names)
    return Outcome(value.name in names)


def _of_several(variable: str | None, value: Type, names: list[str]) -> Outcome:
    """What `isinstance` leaves of several types, in a variable."""
    whole = (*value.args[0].args, NONE) if is_optional(value) else value.args
    found = [one for one in whole if one.name in names]
    left = [one for one in whole if one not in found]
    if not found or not left:
        return Outcome(bool(found))
    return Outcome(true={variable: union(found)}, false={variable: union(left)}) if variable else Outcome()


def _has_attribute(body: Body, node: ast.Call) -> Outcome:
    value, name = body.term(node.args[0]), node.args[1]
    if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
        body.fault(node, "reflection", "hasattr with a name that is computed")
        return Outcome(doubt=True)
    if value == TENSOR:
        body.fault(node, "reflection", "hasattr on a tensor")
    if isinstance(value, Instance) and body.program.attribute(value, name.value) != UNKNOWN:
        return Outcome(True)
    if isinstance(value, Instance) and body.program.is_module(value.cls) and body.program.lacks(value, name.value):
        return Outcome(False)
    return Outcome(doubt=True)


def _to_bool(body: Body, node: ast.expr, value: Value) -> None:
    if is_optional(value):
        body.fault(node, "optional", f"{value} used as a condition")
    elif value == NONE:
        body.fault(node, "optional", "None used as a condition")
    elif is_union(value):
        body.fault(node, "argument-type", f"{value} used as a condition")
    elif (isinstance(value, Instance) and body.program.is_module(value.cls)) or isinstance(value, Layer):
        body.fault(node, "optional", "a module used as a condition")

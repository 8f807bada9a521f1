"""The type of each form of expression; Unknown wherever that is not certain."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.scripting import (
    attribute_writes,
    calls,
    containers,
    fields,
    library_calls,
    module_values,
    operations,
)
from exportlint.flow.scripting.branches import Mismatch
from exportlint.flow.scripting.conditions import judge
from exportlint.flow.scripting.fitting import joined
from exportlint.flow.scripting.types import (
    BOOL,
    INT,
    NONE,
    STR,
    TENSOR,
    Type,
    Unscriptable,
    is_optional,
    is_union,
    list_of,
    of_constant,
)
from exportlint.flow.values import UNKNOWN, Instance, Layer, Namespace, Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body


def evaluate(body: Body, node: ast.expr) -> Value:
    """The type of an expression; faults in it are reported."""
    handler = _FORMS.get(type(node))
    if handler is not None:
        return handler(body, node)
    if not isinstance(node, ast.Lambda):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                evaluate(body, child)
    return UNKNOWN


def _name(body: Body, node: ast.Name) -> Value:
    if node.id in body.env:
        value = body.env[node.id]
        if isinstance(value, Mismatch):
            body.env[node.id] = UNKNOWN
            body.fault(value.node or node, "variable-type", value.detail)
            return UNKNOWN
        return value
    why = module_values.why_not(body, node.id)
    if why:
        body.fault(node, "global-value", why)
        return UNKNOWN
    return module_values.value_of(body, node.id)


def _attribute(body: Body, node: ast.Attribute) -> Value:
    name = body.external(node)
    if name:
        return library_calls.outside_value(body, node, name)
    value = evaluate(body, node.value)
    if isinstance(value, Type) and (found := fields.field(body, node, value)) is not None:
        return found
    if value == NONE:
        body.fault(node, "optional", f"`{node.attr}` of None")
        return UNKNOWN
    if is_optional(value):
        body.fault(node, "optional", f"`{node.attr}` of {value}")
        return UNKNOWN
    if is_union(value):
        body.fault(node, "argument-type", f"`{node.attr}` of {value}")
        return UNKNOWN
    if isinstance(value, Instance) and body.program.is_module(value.cls):
        held = UNKNOWN if (value, node.attr) in body.misread else body.program.attribute(value, node.attr)
        if isinstance(held, Unscriptable):
            body.unscriptable(node, held)
            return UNKNOWN
        if held == UNKNOWN:
            attribute_writes.missing_attribute(body, node, value)
        return held
    if isinstance(value, Layer):
        return TENSOR if node.attr == "weight" else UNKNOWN
    if value == UNKNOWN and node.attr == "shape" and isinstance(node.value, ast.Name) and node.value.id in body.env:
        return list_of(INT)  # of all types that a variable can have, tensors alone have one
    return module_values.member(body, value, node.attr) if isinstance(value, Namespace) else UNKNOWN


def _binary(body: Body, node: ast.BinOp) -> Value:
    return operations.arithmetic(body, node, node.op, evaluate(body, node.left), evaluate(body, node.right))


def _unary(body: Body, node: ast.UnaryOp) -> Value:
    if isinstance(node.op, ast.Not):
        judge(body, node)
        return BOOL
    return operations.unary(body, node, evaluate(body, node.operand))


def _chain(body: Body, node: ast.BoolOp) -> Value:
    judge(body, node)
    return UNKNOWN


def _ternary(body: Body, node: ast.IfExp) -> Value:
    outcome = judge(body, node.test)
    if outcome.known is not None and not outcome.doubt:
        return evaluate(body, node.body if outcome.known else node.orelse)
    env, results = dict(body.env), []
    body.doubts += outcome.doubt
    for refined, side in ((outcome.true, node.body), (outcome.false, node.orelse)):
        body.env = env | refined
        results.append(evaluate(body, side))
    body.env = env
    if all(body.is_module(result) for result in results) and not body.doubts:
        body.doubts -= outcome.doubt
        return containers.SLICED
    both = joined(*results)
    if both is None and not body.doubts:
        body.fault(node, "variable-type", f"{results[0]} if the condition holds, else {results[1]}")
    body.doubts -= outcome.doubt
    return UNKNOWN if both is None or outcome.doubt else both


def _text(body: Body, node: ast.JoinedStr) -> Value:
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            evaluate(body, part.value)
    return STR


_FORMS = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Constant: lambda body, node: of_constant(node.value),
    ast.Tuple: containers.sequence_literal,
    ast.List: containers.sequence_literal,
    ast.Dict: containers.dict_literal,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _chain,
    ast.Compare: operations.compare,
    ast.IfExp: _ternary,
    ast.Subscript: containers.subscript,
    ast.ListComp: containers.comprehension,
    ast.GeneratorExp: containers.comprehension,
    ast.DictComp: containers.comprehension,
    ast.JoinedStr: _text,
    ast.Call: lambda body, node: calls.call(body, node),
}

"""The expressions of a model's own functions, evaluated with one set of sizes."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

from exportlint.flow.arguments import Arguments
from exportlint.flow.objects import bound_method, dotted
from exportlint.flow.sizes import operations, resized
from exportlint.flow.sizes.sized import Mismatch, Sized, broadcast
from exportlint.flow.sizes.walk import Body
from exportlint.flow.values import (
    UNKNOWN,
    Api,
    Const,
    Function,
    Instance,
    Layer,
    Map,
    Method,
    Seq,
    Tensor,
    Value,
    const,
)
from exportlint.source.project import Assigned, Defined, External

_SUMS: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_TESTS: dict[type, Callable] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_BIG = 1 << 40  # a number past this is nobody's size
_MODULES = ("ModuleList", "Sequential")


def evaluate(body: Body, node: ast.expr) -> Value:
    """What an expression gives. Raises Mismatch, which then knows its place, and Lost."""
    handler = _FORMS.get(type(node))
    if handler is None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                evaluate(body, child)
        return UNKNOWN
    try:
        return handler(body, node)
    except Mismatch as mismatch:
        if mismatch.node is None:
            mismatch.node, mismatch.module, mismatch.symbol = node, body.module, body.function.qualname
            mismatch.owner = body.function.owner
        raise


def _name(body: Body, node: ast.Name) -> Value:
    return body.env[node.id] if node.id in body.env else _global(body, node.id)


def _global(body: Body, name: str) -> Value:
    """What a name that is no variable means, or a chain of names."""
    found = body.project.resolve(body.module, name)
    if isinstance(found, External):
        return Api(found.name)
    if isinstance(found, Assigned):
        return const(found.node.value) if isinstance(found.node, ast.Constant) else UNKNOWN
    if isinstance(found, Defined) and isinstance(found.node, ast.FunctionDef):
        return Function(found.module, found.node, found.qualname)
    return Api(f"builtins.{name}") if found is None and "." not in name else UNKNOWN


def _attribute(body: Body, node: ast.Attribute) -> Value:
    chain = dotted(node)
    if chain and chain.partition(".")[0] not in body.env:
        return _global(body, chain)
    receiver = evaluate(body, node.value)
    if isinstance(receiver, Instance):
        return of_instance(body, receiver, node.attr)
    if isinstance(receiver, Sized):
        if node.attr == "shape":
            return operations.method(receiver, "size", Arguments())
        if node.attr == "ndim":
            return const(len(receiver.sizes))
        return receiver if node.attr in ("data", "real") else Method(receiver, node.attr)
    if isinstance(receiver, Layer):
        known = dict(receiver.arguments).get(node.attr, UNKNOWN)
        return known if isinstance(known, Const) else UNKNOWN
    return Method(receiver, node.attr) if isinstance(receiver, Seq | Map) else UNKNOWN


def of_instance(body: Body, instance: Instance, name: str) -> Value:
    """An attribute of a module: what forward set, else what the constructor did, else what the class says."""
    if (instance, name) in body.overall.written:
        return body.overall.written[(instance, name)]
    if name == "training":
        return UNKNOWN if body.overall.training is None else const(body.overall.training)
    held = body.interpreter.attributes.of(instance).get(name)
    if held is not None:
        return _sized(held)
    found = body.interpreter.classes.find(instance.cls, name)
    if found is None or not isinstance(found[1], ast.FunctionDef):
        return const(found[1].value) if found is not None and isinstance(found[1], ast.Constant) else UNKNOWN
    return bound_method(found[0], found[1], instance)


def _sized(held: Value) -> Value:
    """A parameter or buffer as a tensor of sizes."""
    if not isinstance(held, Tensor):
        return held
    if held.shape is None:
        return UNKNOWN
    return Sized(tuple(resized.number(size) for size in held.shape))


def _call(body: Body, node: ast.Call) -> Value:
    from exportlint.flow.sizes.calls import call

    return call(body, node)


def _sequence(body: Body, node: ast.List | ast.Tuple) -> Value:
    items: list[Value] = []
    for element in node.elts:
        value = evaluate(body, element.value if isinstance(element, ast.Starred) else element)
        if not isinstance(element, ast.Starred):
            items.append(value)
        elif isinstance(value, Seq) and value.items is not None:
            items += value.items
        else:
            return UNKNOWN
    return Seq("list" if isinstance(node, ast.List) else "tuple", tuple(items))


def _item(body: Body, node: ast.Subscript) -> Value:
    held = evaluate(body, node.value)
    if isinstance(node.slice, ast.Slice):
        ends = [node.slice.lower, node.slice.upper, node.slice.step]
        numbers = [None if end is None else resized.number(evaluate(body, end)) for end in ends]
        known = all(end is None or value is not None for end, value in zip(ends, numbers, strict=True))
        if isinstance(held, Seq) and held.items is not None and known and numbers[2] != 0:
            return Seq(held.type, held.items[slice(*numbers)])
        return UNKNOWN
    index = evaluate(body, node.slice)
    position = resized.number(index)
    if isinstance(held, Seq) and held.items is not None and position is not None:
        return held.items[position] if -len(held.items) <= position < len(held.items) else UNKNOWN
    if isinstance(held, Map) and isinstance(index, Const):
        return held.get(index.value) or UNKNOWN
    if isinstance(held, Sized) and position is not None and held.sizes:
        return Sized(held.sizes[1:], held.steps)
    return UNKNOWN


def _binary(body: Body, node: ast.BinOp) -> Value:
    left, right = evaluate(body, node.left), evaluate(body, node.right)
    if isinstance(left, Sized) and isinstance(right, Sized):
        if isinstance(node.op, ast.MatMult):
            return operations.multiplied(left, right)
        return broadcast(left, right, f"`{ast.unparse(node)}`" if len(ast.unparse(node)) < 40 else "a sum")
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Sized):
            return one if isinstance(other, Const) else UNKNOWN
    if not (isinstance(left, Const) and isinstance(right, Const)):
        return UNKNOWN
    numbers = type(left.value) in (int, float) and type(right.value) in (int, float)
    function = _SUMS.get(type(node.op))
    if not numbers or function is None or max(abs(left.value), abs(right.value)) > _BIG:
        return UNKNOWN
    if isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod) and right.value == 0:
        return UNKNOWN
    return const(function(left.value, right.value))


def _unary(body: Body, node: ast.UnaryOp) -> Value:
    value = evaluate(body, node.operand)
    if isinstance(node.op, ast.Not):
        return const(not value.value) if isinstance(value, Const) else UNKNOWN
    if isinstance(node.op, ast.USub) and isinstance(value, Const) and type(value.value) in (int, float):
        return const(-value.value)
    return value if isinstance(value, Sized) else UNKNOWN


def _compare(body: Body, node: ast.Compare) -> Value:
    left, right = evaluate(body, node.left), evaluate(body, node.comparators[0])
    if len(node.ops) != 1:
        return UNKNOWN
    kind = type(node.ops[0])
    if kind in (ast.Is, ast.IsNot) and (_is_none(left) or _is_none(right)):
        other = right if _is_none(left) else left
        if not isinstance(other, Const | Sized | Seq | Layer | Instance | Function):
            return UNKNOWN
        return const(_is_none(other) == (kind is ast.Is))
    known = isinstance(left, Const) and isinstance(right, Const) and kind in _TESTS
    if not known or type(left.value) is not type(right.value):
        return UNKNOWN
    return const(_TESTS[kind](left.value, right.value)) if left.value is not None else UNKNOWN


def _is_none(value: Value) -> bool:
    return isinstance(value, Const) and value.value is None


def _either(body: Body, node: ast.BoolOp) -> Value:
    decides = isinstance(node.op, ast.Or)
    value: Value = UNKNOWN
    for part in node.values:
        value = evaluate(body, part)
        if not isinstance(value, Const):
            return UNKNOWN
        if bool(value.value) == decides:
            return value
    return value


def _choice(body: Body, node: ast.IfExp) -> Value:
    test = evaluate(body, node.test)
    return evaluate(body, node.body if test.value else node.orelse) if isinstance(test, Const) else UNKNOWN


_FORMS: dict[type, Callable[[Body, ast.expr], Value]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Constant: lambda body, node: const(node.value),
    ast.Call: _call,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Subscript: _item,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _either,
    ast.IfExp: _choice,
}

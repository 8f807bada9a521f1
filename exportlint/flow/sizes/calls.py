"""Calls in a model's own functions: layers, functions of the project, of torch and of Python."""

from __future__ import annotations

import ast

from exportlint.flow.arguments import Arguments
from exportlint.flow.objects import bound_method, dotted
from exportlint.flow.sizes import layers, operations, resized
from exportlint.flow.sizes.expressions import evaluate, of_instance
from exportlint.flow.sizes.sized import Lost, Sized
from exportlint.flow.sizes.walk import Body
from exportlint.flow.values import UNKNOWN, Api, Const, Function, Instance, Layer, Map, Method, Seq, Value, const

_CHANGES = frozenset("append extend insert pop reverse clear remove update sort".split())


def call(body: Body, node: ast.Call) -> Value:
    """What a call gives. Raises Mismatch and Lost."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGES:
        changed = _changed(body, node, node.func)
        if changed is not None:
            return changed
    function = _super(body, node.func) or evaluate(body, node.func)
    given = _arguments(body, node)
    return apply(body, function, given, dotted(node.func).removeprefix("self.") or "the layer")


def _super(body: Body, node: ast.expr) -> Function | None:
    """The method that `super().name` is."""
    if not (
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call) and dotted(node.value.func) == "super"
    ):
        return None
    receiver = body.function.receiver
    if not isinstance(receiver, Instance) or body.function.owner is None:
        return None
    found = body.interpreter.classes.find(receiver.cls, node.attr, body.function.owner)
    plain = found is not None and isinstance(found[1], ast.FunctionDef)
    return bound_method(found[0], found[1], receiver) if plain else None


def _arguments(body: Body, node: ast.Call) -> Arguments:
    args: list[Value] = []
    open_args: Value | None = None
    for argument in node.args:
        value = evaluate(body, argument.value if isinstance(argument, ast.Starred) else argument)
        if not isinstance(argument, ast.Starred):
            args.append(value)
        elif isinstance(value, Seq) and value.items is not None:
            args += value.items
        else:
            open_args = UNKNOWN
    named = {k.arg: evaluate(body, k.value) for k in node.keywords if k.arg is not None}
    return Arguments(tuple(args), named, open_args, any(k.arg is None for k in node.keywords))


def apply(body: Body, function: Value, given: Arguments, label: str) -> Value:
    """What a call gives."""
    if isinstance(function, Method) and isinstance(function.receiver, Sized):
        return operations.method(function.receiver, function.name, given)
    if isinstance(function, Method):
        return _of_container(function, given)
    if isinstance(function, Function):
        return body.overall.call(function, given)
    if given.open_args is not None:
        return UNKNOWN
    if isinstance(function, Layer):
        return layers.apply(function, label, given.args or tuple(given.kwargs.values()))
    if isinstance(function, Instance):
        found = of_instance(body, function, "forward")
        return body.overall.call(found, given) if isinstance(found, Function) else UNKNOWN
    if isinstance(function, Seq) and function.type == "Sequential" and function.items is not None and given.args:
        value = given.args[0]
        for position, item in enumerate(function.items):
            value = apply(body, item, Arguments((value,)), f"{label}.{position}")
        return value
    if isinstance(function, Api):
        return _outside(body, function.name, given)
    return UNKNOWN


def _of_container(function: Method, given: Arguments) -> Value:
    held = function.receiver
    if isinstance(held, Map) and held.element is None and function.name in ("items", "values", "keys"):
        pairs = [(const(key), value) for key, value in held.items]
        picked = {"items": [Seq("tuple", pair) for pair in pairs], "values": [v for _, v in pairs]}
        return Seq("tuple", tuple(picked.get(function.name, [key for key, _ in pairs])))
    return UNKNOWN


def _outside(body: Body, name: str, given: Arguments) -> Value:
    if not name.startswith("builtins."):
        if name in ("torch.jit.is_scripting", "torch.jit.is_tracing"):
            return const(False) if name.endswith("scripting") else UNKNOWN
        return operations.function(name, given)
    short, first = name.removeprefix("builtins."), given.args[0] if given.args else UNKNOWN
    items = first.items if isinstance(first, Seq) else None
    if short == "range" and all(resized.number(value) is not None for value in given.args) and given.args:
        turns = range(*(resized.number(value) for value in given.args))
        return Seq("range", tuple(map(const, turns))) if len(turns) <= 1000 else UNKNOWN
    if short == "len" and items is not None:
        return const(len(items))
    if short == "len" and isinstance(first, Sized) and first.sizes and first.sizes[0] is not None:
        return const(first.sizes[0])
    if short in ("list", "tuple", "reversed") and items is not None:
        return Seq("list", tuple(reversed(items)) if short == "reversed" else items)
    if short == "enumerate" and items is not None and len(given.args) == 1 and not given.kwargs:
        return Seq("list", tuple(Seq("tuple", (const(i), item)) for i, item in enumerate(items)))
    if short == "zip" and all(isinstance(one, Seq) and one.items is not None for one in given.args):
        return Seq("list", tuple(Seq("tuple", row) for row in zip(*(one.items for one in given.args), strict=False)))
    if short == "int" and isinstance(first, Const) and type(first.value) in (int, float):
        return const(int(first.value))
    return UNKNOWN


def _changed(body: Body, node: ast.Call, func: ast.Attribute) -> Value | None:
    """A method that changes a list in place; None where its object is none. Raises Lost for a list that came in."""
    held = evaluate(body, func.value)
    if not isinstance(held, Seq | Map):
        return None
    given = _arguments(body, node)
    result: Value = UNKNOWN
    after: Value = UNKNOWN
    if isinstance(held, Seq) and held.items is not None and held.type == "list":
        if func.attr == "append" and len(given.args) == 1:
            after = Seq("list", (*held.items, given.args[0]))
        elif func.attr == "pop" and held.items and given.args in ((), (const(-1),), (const(0),)):
            first = given.args == (const(0),)
            result, after = held.items[0 if first else -1], Seq("list", held.items[1:] if first else held.items[:-1])
    if isinstance(func.value, ast.Name):
        if func.value.id in body.received:
            raise Lost  # the caller's list changes too
        for name in [name for name, value in body.env.items() if value is held]:
            body.env[name] = after if name == func.value.id else UNKNOWN
    elif isinstance(func.value, ast.Attribute):
        body.assign(func.value, UNKNOWN)
    return result

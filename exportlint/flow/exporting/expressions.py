"""Expressions of a script: what they give, and what calls inside them do."""

from __future__ import annotations

import ast

from exportlint.flow.exporting.names import as_object, attribute, name
from exportlint.flow.exporting.state import either
from exportlint.flow.exporting.state import merged as merged_states
from exportlint.flow.exporting.things import (
    NONE,
    Answer,
    Const,
    Local,
    Seq,
    Table,
    Tensor,
    Thing,
    Value,
    const,
    number_of,
)
from exportlint.flow.exporting.walk import Frame


def visit(frame: Frame, node: ast.expr) -> None:
    """An expression whose value nobody keeps."""
    evaluate(frame, node, used=False)


def evaluate(frame: Frame, node: ast.expr | None, used: bool = True) -> Value:
    """What an expression gives; `used` says whether anything is done with it."""
    from exportlint.flow.exporting.calls import call

    if node is None:
        return NONE
    if isinstance(node, ast.Constant):
        return const(node.value)
    if isinstance(node, ast.Name):
        return name(frame, node)
    if isinstance(node, ast.Attribute):
        return attribute(frame, as_object(frame, evaluate(frame, node.value)), node.attr)
    if isinstance(node, ast.Call):
        return call(frame, node, used)
    if isinstance(node, ast.Tuple | ast.List):
        return _sequence(frame, node, used)
    if isinstance(node, ast.Dict):
        return _table(frame, node)
    if isinstance(node, ast.Subscript):
        return _item(frame, node)
    if isinstance(node, ast.IfExp):
        return _choice(frame, node)
    if isinstance(node, ast.Lambda):
        return Local(frame.module, node, frame.state.names)
    if isinstance(node, ast.NamedExpr):
        value = evaluate(frame, node.value)
        frame.state.names[node.target.id] = value
        return value
    if isinstance(node, ast.Await | ast.Starred):
        return evaluate(frame, node.value)
    if isinstance(node, ast.BinOp):
        return _operation(frame, node)
    if isinstance(node, ast.UnaryOp):
        return _unary(frame, node)
    if isinstance(node, ast.JoinedStr):
        return _text(frame, node)
    return _other(frame, node)


def _sequence(frame: Frame, node: ast.Tuple | ast.List, used: bool) -> Value:
    items = [evaluate(frame, item, used) for item in node.elts]
    if any(isinstance(item, ast.Starred) for item in node.elts):
        return frame.make(node)
    return Seq(tuple(as_object(frame, item) for item in items))


def _table(frame: Frame, node: ast.Dict) -> Value:
    values = [as_object(frame, evaluate(frame, value)) for value in node.values]
    if any(key is None for key in node.keys):
        return frame.make(node)
    keys = [as_object(frame, evaluate(frame, key)) for key in node.keys]
    return Table(tuple(zip(keys, values, strict=True)))


def _item(frame: Frame, node: ast.Subscript) -> Value:
    held = as_object(frame, evaluate(frame, node.value))
    index = evaluate(frame, node.slice) if not isinstance(node.slice, ast.Slice) else None
    position = number_of(index)
    if isinstance(held, Seq) and position is not None and -len(held.items) <= position < len(held.items):
        return held.items[position]
    if isinstance(held, Table):
        found = [value for key, value in held.items if key == index]
        if found:
            return found[-1]
    fact = frame.state.facts.get(held)
    part = Thing(("item", held, index)) if index is not None else frame.make(node)
    if isinstance(fact, Answer):
        frame.state.facts[part] = fact
    elif isinstance(fact, Tensor):
        from dataclasses import replace

        frame.state.facts[part] = Tensor(replace(fact.example, shape=None), part)
    return part


def _choice(frame: Frame, node: ast.IfExp) -> Value:
    test = evaluate(frame, node.test)
    if isinstance(test, Const):
        return evaluate(frame, node.body if test.value else node.orelse)
    start = frame.state
    frame.state = one = start.copy()
    first = as_object(frame, evaluate(frame, node.body))
    frame.state = other = start.copy()
    second = as_object(frame, evaluate(frame, node.orelse))
    frame.state, value = merged_states(one, first, other, second)
    return value


def _operation(frame: Frame, node: ast.BinOp) -> Value:
    left, right = as_object(frame, evaluate(frame, node.left)), as_object(frame, evaluate(frame, node.right))
    if isinstance(left, Const) and isinstance(right, Const) and isinstance(node.op, ast.Add | ast.Mult | ast.Sub):
        one, other = left.value, right.value
        if isinstance(one, str) and isinstance(other, str) and isinstance(node.op, ast.Add):
            return const(one + other)
        if type(one) is int and type(other) is int and max(abs(one), abs(other)) < 1 << 20:
            kinds = {ast.Add: one + other, ast.Sub: one - other, ast.Mult: one * other}
            return const(kinds[type(node.op)])
    facts = [frame.state.facts.get(side) for side in (left, right)]
    if isinstance(node.op, ast.Sub) and all(isinstance(fact, Answer) for fact in facts):
        from exportlint.flow.exporting.comparing import difference

        difference(frame, node, left, right)
    made = Thing(("operation", type(node.op).__name__, left, right))
    for fact in facts:
        if isinstance(fact, Tensor):
            frame.state.facts[made] = Tensor(fact.example, made)
    return made


def _unary(frame: Frame, node: ast.UnaryOp) -> Value:
    value = evaluate(frame, node.operand)
    if isinstance(value, Const):
        if isinstance(node.op, ast.Not):
            return const(not value.value)
        if isinstance(node.op, ast.USub) and type(value.value) in (int, float):
            return const(-value.value)
    return frame.make(node)


def _text(frame: Frame, node: ast.JoinedStr) -> Value:
    """An f-string: the same parts make the same text, which may name a file."""
    parts = [
        as_object(frame, evaluate(frame, part.value if isinstance(part, ast.FormattedValue) else part))
        for part in node.values
    ]
    if all(isinstance(part, Const) for part in parts):
        return const("".join(str(part.value) for part in parts))
    return Thing(("text", *parts))


def _other(frame: Frame, node: ast.expr) -> Value:
    """What is left: comparisons, comprehensions and the like. Their parts are read, and make something unknown."""
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        return _comprehension(frame, node)
    if isinstance(node, ast.BoolOp):
        before = frame.state.copy()
        for part in node.values:
            evaluate(frame, part)
        frame.state = either(before, frame.state)
        return frame.make(node)
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.expr):
            evaluate(frame, part)
    return frame.make(node)


def _comprehension(frame: Frame, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
    from exportlint.flow.exporting.statements import assign

    names = dict(frame.state.names)
    for part in node.generators:
        evaluate(frame, part.iter)
        for target in (n for n in ast.walk(part.target) if isinstance(n, ast.Name)):
            assign(frame, target, frame.make(target, "each"))
        for test in part.ifs:
            evaluate(frame, test)
    for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
        evaluate(frame, part)
    frame.state.names = names
    return frame.make(node)

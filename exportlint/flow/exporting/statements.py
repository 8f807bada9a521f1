"""Statements along all paths. A loop is taken to run; either side of a test is, unless the test is a constant."""

from __future__ import annotations

import ast

from exportlint.flow.exporting import modules
from exportlint.flow.exporting.expressions import evaluate, visit
from exportlint.flow.exporting.names import of_resolved
from exportlint.flow.exporting.state import either
from exportlint.flow.exporting.things import Answer, Const, Inside, Local, Seq, Thing, Value
from exportlint.flow.exporting.walk import Frame
from exportlint.source.bindings import Defined, imports_of
from exportlint.source.remembered import once_a_node

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def run(frame: Frame, body: list[ast.stmt]) -> None:
    """Read statements in their order, as long as the path goes on."""
    for statement in body:
        if not frame.state.alive:
            return
        frame.walk.step()
        _statement(frame, statement)


def _statement(frame: Frame, node: ast.stmt) -> None:
    if isinstance(node, ast.Assign):
        value = evaluate(frame, node.value)
        for target in node.targets:
            assign(frame, target, value)
    elif isinstance(node, ast.AnnAssign):
        if node.value is not None:
            assign(frame, node.target, evaluate(frame, node.value))
    elif isinstance(node, ast.AugAssign):
        evaluate(frame, node.value)
        assign(frame, node.target, frame.make(node))
    elif isinstance(node, ast.Expr):
        visit(frame, node.value)
    elif isinstance(node, ast.Return):
        frame.give_back(evaluate(frame, node.value))
    elif isinstance(node, ast.If):
        _branch(frame, node)
    elif isinstance(node, ast.For | ast.AsyncFor):
        _for(frame, node)
    elif isinstance(node, ast.While):
        evaluate(frame, node.test)
        _loop(frame, node)
    elif isinstance(node, ast.Try):
        _try(frame, node)
    elif isinstance(node, ast.With | ast.AsyncWith):
        _with(frame, node)
    elif isinstance(node, ast.Match):
        evaluate(frame, node.subject)
        _arms(frame, [*(case.body for case in node.cases), []])
    elif isinstance(node, ast.Assert):
        evaluate(frame, node.test, used=not (isinstance(node.test, ast.Tuple) and node.test.elts))
    elif isinstance(node, ast.Raise | ast.Break | ast.Continue):
        frame.state.alive = False
    elif isinstance(node, ast.Import | ast.ImportFrom):
        _import(frame, node)
    elif isinstance(node, _FUNCTIONS):
        frame.state.names[node.name] = _function(frame, node)
    elif isinstance(node, ast.ClassDef):
        frame.state.names[node.name] = Inside(Defined(frame.module, node, node.name))
    elif isinstance(node, ast.Delete):
        for target in node.targets:
            if isinstance(target, ast.Name):
                frame.state.names.pop(target.id, None)


def _function(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Value:
    if frame.symbol == "":
        return Inside(Defined(frame.module, node, node.name))
    return Local(frame.module, node, frame.state.names)


def assign(frame: Frame, target: ast.expr, value: Value) -> None:
    """Bind a target to a value."""
    if isinstance(target, ast.Name):
        frame.state.names[target.id] = value
    elif isinstance(target, ast.Attribute):
        owner = evaluate(frame, target.value)
        modules.rebuilt(frame, owner)
        frame.state.fields[(owner, target.attr)] = value
    elif isinstance(target, ast.Tuple | ast.List):
        known = isinstance(value, Seq) and len(value.items) == len(target.elts)
        for position, part in enumerate(target.elts):
            inner = part.value if isinstance(part, ast.Starred) else part
            held = value.items[position] if known and inner is part else _part(frame, value, inner)
            assign(frame, inner, held)
    elif isinstance(target, ast.Subscript):
        modules.rebuilt(frame, evaluate(frame, target.value))


def _part(frame: Frame, value: Value, target: ast.expr) -> Value:
    """What unpacking gives of a value of unknown length: an answer's parts are answers."""
    part = frame.make(target, "part")
    fact = frame.state.facts.get(value)
    if isinstance(fact, Answer):
        frame.state.facts[part] = fact
    return part


def _branch(frame: Frame, node: ast.If) -> None:
    test = evaluate(frame, node.test)
    if isinstance(test, Const):
        run(frame, node.body if test.value else node.orelse)
        return
    _arms(frame, [node.body, node.orelse])


def _arms(frame: Frame, bodies: list[list[ast.stmt]]) -> None:
    """Paths of which one is taken."""
    start, end = frame.state, None
    for body in bodies:
        frame.state = start.copy()
        run(frame, body)
        end = frame.state if end is None else either(end, frame.state)
    frame.state = end


def _for(frame: Frame, node: ast.For | ast.AsyncFor) -> None:
    over = evaluate(frame, node.iter)
    if isinstance(over, Seq) and len(over.items) == 1:
        assign(frame, node.target, over.items[0])
    else:
        for name in (n for n in ast.walk(node.target) if isinstance(n, ast.Name)):
            frame.state.names[name.id] = frame.make(name, "each")
    _loop(frame, node)


def _loop(frame: Frame, node: ast.For | ast.AsyncFor | ast.While) -> None:
    """The body runs: a script that trains for no epoch is none. A `break` or `continue` leaves what was before it."""
    before = frame.state.copy()
    run(frame, node.body)
    if not frame.state.alive and _leaves_loop(node):
        frame.state = before
    run(frame, node.orelse)


@once_a_node
def _leaves_loop(loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    nodes = (node for statement in loop.body for node in ast.walk(statement))
    return any(isinstance(node, ast.Break | ast.Continue) for node in nodes)


def _try(frame: Frame, node: ast.Try) -> None:
    before = frame.state.copy()
    run(frame, node.body)
    failed = either(before, frame.state) if frame.state.alive else before
    run(frame, node.orelse)
    end = frame.state
    for handler in node.handlers:
        frame.state = failed.copy()
        if handler.name:
            frame.state.names[handler.name] = frame.make(handler)
        run(frame, handler.body)
        end = either(end, frame.state)
    frame.state = end
    if node.finalbody:
        frame.state.alive, alive = True, frame.state.alive
        run(frame, node.finalbody)
        frame.state.alive = alive and frame.state.alive


def _with(frame: Frame, node: ast.With | ast.AsyncWith) -> None:
    for item in node.items:
        value = evaluate(frame, item.context_expr)
        if item.optional_vars is not None:
            assign(frame, item.optional_vars, value)
    run(frame, node.body)


def _import(frame: Frame, node: ast.Import | ast.ImportFrom) -> None:
    for name, imported in imports_of(node):
        if name != "*":
            found = of_resolved(frame.walk.project.imported(frame.module, imported))
            frame.state.names[name] = found or Thing(("global", frame.module.name, name))

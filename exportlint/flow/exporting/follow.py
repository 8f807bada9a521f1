"""Calls of the project's own functions are followed; its classes make models, or objects with a constructor."""

from __future__ import annotations

import ast

from exportlint.flow.exporting.given import Given
from exportlint.flow.exporting.things import Inside, Local, Method, Thing, Value, within
from exportlint.flow.exporting.walk import DEEPEST, DEEPEST_BLIND, Frame
from exportlint.source.module import Module
from exportlint.source.project import Defined

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def call(frame: Frame, node: ast.Call, function: Inside | Local, given: Given) -> Value | None:
    """What a call of something in the project gives; None where it is not followed."""
    from exportlint.flow.exporting import modules

    if isinstance(function, Local):
        return run(frame, node, function.module, function.node, given, function.around)
    defined = function.defined
    if isinstance(defined.node, ast.ClassDef):
        made = modules.of_class(frame, node, defined, given)
        return made if made is not None else _object(frame, node, defined, given)
    return run(frame, node, defined.module, defined.node, given)


def _object(frame: Frame, node: ast.Call, cls: Defined, given: Given) -> Value:
    """An object of a class that is no model. Its constructor says what its attributes are."""
    made = frame.make(node, "object")
    for statement in cls.node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            bound = Given(((node, made), *given.args), given.kwargs, given.open)
            run(frame, node, cls.module, statement, bound)
    frame.state.fields[(made, "__class__")] = Inside(cls)
    return made


def method(frame: Frame, node: ast.Call, called: Method, given: Given) -> Value | None:
    """What a method of an object of the project gives; None where it is not known."""
    cls = frame.state.fields.get((called.receiver, "__class__"))
    if not isinstance(cls, Inside):
        return None
    for statement in cls.defined.node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == called.name and not statement.decorator_list:
            bound = Given(((node, called.receiver), *given.args), given.kwargs, given.open)
            return run(frame, node, cls.defined.module, statement, bound)
    return None


def run(
    frame: Frame,
    node: ast.AST,
    module: Module,
    function: Definition,
    given: Given,
    around: dict[str, Value] | None = None,
) -> Value | None:
    """Read a function with the arguments that it gets; what it gives, or None where it is too deep to follow."""
    from exportlint.flow.exporting import statements
    from exportlint.flow.exporting.expressions import evaluate

    walk = frame.walk
    known = any(part in frame.state.facts for value in given.values() for part in within(value))
    if function in walk.reading or len(walk.reading) >= (DEEPEST if known else DEEPEST_BLIND):
        return None
    if walk.is_generator(function):
        return None
    if not frame.symbol:
        walk.globals[frame.module] = frame.state.names
    walk.stack.append(node)
    walk.reading.append(function)
    walk.entered.add(function)
    name = getattr(function, "name", "<lambda>")
    inner = Frame(walk, module, name, frame.state, around or {})
    try:
        inner.state = frame.state.inside(bound(inner, function, given))
        if isinstance(function, ast.Lambda):
            inner.give_back(evaluate(inner, function.body))
        else:
            statements.run(inner, function.body)
        end, value = inner.result()
    finally:
        walk.reading.pop()
        walk.stack.pop()
    names = frame.state.names
    frame.state = end.copy()
    frame.state.names = names
    frame.state.alive = inner.returned is not None  # no path leads out where all of them raise
    return value


def bound(frame: Frame, function: Definition, given: Given | None) -> dict[str, Value]:
    """The parameters of a function with what they get; objects of which nothing is known where no call is followed."""
    from exportlint.flow.exporting.expressions import evaluate

    spec = function.args
    parameters = [*spec.posonlyargs, *spec.args]
    defaults = dict(zip(reversed([p.arg for p in parameters]), reversed(spec.defaults), strict=False))
    defaults |= {p.arg: d for p, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if d is not None}
    names: dict[str, Value] = {}
    for position, parameter in enumerate([*parameters, *spec.kwonlyargs]):
        at = position if position < len(parameters) else None
        value = given.get(parameter.arg, at) if given is not None else None
        if (
            value is None
            and given is not None
            and not given.open
            and isinstance(defaults.get(parameter.arg), ast.Constant)
        ):
            value = evaluate(frame, defaults[parameter.arg])
        names[parameter.arg] = value or Thing(("parameter", id(function), parameter.arg))
    for extra in (spec.vararg, spec.kwarg):
        if extra is not None:
            names[extra.arg] = Thing(("parameter", id(function), extra.arg))
    return names

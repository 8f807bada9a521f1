"""Whether the example input that an exporter gets fits the model that the script built."""

from __future__ import annotations

import ast

from exportlint.flow.arguments import Arguments
from exportlint.flow.events import Place
from exportlint.flow.exporting.events import SizesDiffer
from exportlint.flow.exporting.given import Given
from exportlint.flow.exporting.things import Const, Model, Seq, Table, Tensor, Value
from exportlint.flow.exporting.walk import Frame
from exportlint.flow.objects import dotted
from exportlint.flow.sizes.example import Built, mismatch
from exportlint.flow.sizes.sized import Mismatch, Sized
from exportlint.flow.values import UNKNOWN
from exportlint.flow.values import Seq as Items
from exportlint.flow.values import Value as Kind
from exportlint.flow.values import const as known


def check(
    frame: Frame, node: ast.Call, targets: tuple[str, ...], model: Model, inputs: Value | None, given: Given
) -> None:
    """Report the first operation of a model that cannot take what comes of its example inputs."""
    known_class = model.form == "eager" and model.cls is not None and not model.cls.node.decorator_list
    if not known_class or model.built is None or inputs is None or targets == ("script",):
        return
    passed = _inputs(frame, inputs)
    if not any(isinstance(one, Sized) for one in passed):
        return
    more = given.open or given.get("kwargs") is not None or (isinstance(inputs, Seq) and _ends_in_names(inputs))
    interpreter = Built(frame.walk.project, frozenset(targets))
    arguments = _arguments(frame, interpreter, model)
    training = {frozenset({"train"}): True, frozenset({"eval"}): False}.get(model.modes)
    found = mismatch(interpreter, model.cls, arguments, Arguments(passed, open_kwargs=more), training)
    if found is not None and found.node is not None and found.module is not None:
        _report(frame, node, targets, found)
    interpreter.forget()


def _inputs(frame: Frame, inputs: Value) -> tuple[Kind, ...]:
    items = inputs.items if isinstance(inputs, Seq) else (inputs,)
    return tuple(_input(frame, item) for item in items if not isinstance(item, Table))


def _input(frame: Frame, value: Value) -> Kind:
    fact = frame.state.facts.get(value)
    if isinstance(fact, Tensor) and fact.example.shape is not None:
        return Sized(fact.example.shape)
    return known(value.value) if isinstance(value, Const) else UNKNOWN


def _ends_in_names(inputs: Seq) -> bool:
    return bool(inputs.items) and isinstance(inputs.items[-1], Table)


def _arguments(frame: Frame, interpreter: Built, model: Model) -> Arguments:
    args, named = model.built
    return Arguments(
        tuple(_kind(frame, interpreter, value) for value in args),
        {name: _kind(frame, interpreter, value) for name, value in named},
    )


def _kind(frame: Frame, interpreter: Built, value: Value) -> Kind:
    """A constructor's argument as the interpreter knows it; models are built in turn."""
    if isinstance(value, Const):
        return known(value.value)
    if isinstance(value, Seq):
        return Items("list", tuple(_kind(frame, interpreter, item) for item in value.items))
    fact = frame.state.facts.get(value)
    if isinstance(fact, Model) and fact.form == "eager" and fact.cls is not None and fact.built is not None:
        return interpreter.instance(fact.cls, _arguments(frame, interpreter, fact))
    return UNKNOWN


def _report(frame: Frame, node: ast.Call, targets: tuple[str, ...], found: Mismatch) -> None:
    common = frame.common(node, targets) | {"span": found.module.span(found.node), "symbol": found.symbol}
    where = frame.place(node, "the example is handed over here")
    frame.walk.collector.add(SizesDiffer(**common, said=found.message(), export=where, layer=_made(found)))


def _made(found: Mismatch) -> Place | None:
    """Where the class whose code was running makes the layer that refused, if that is an attribute of it."""
    name = dotted(found.node.func) if isinstance(found.node, ast.Call) else ""
    if not name.startswith("self.") or found.owner is None:
        return None
    for inner in ast.walk(found.owner.node):
        if isinstance(inner, ast.Assign) and any(dotted(target) == name for target in inner.targets):
            return Place(found.owner.module.path, inner.lineno, "the layer is made here")
    return None

"""What names and attributes mean in a script."""

from __future__ import annotations

import ast

from exportlint.flow.exporting.things import (
    FALSE,
    TRUE,
    Answer,
    Const,
    Inside,
    Method,
    Model,
    Outside,
    Tensor,
    Thing,
    Value,
    const,
)
from exportlint.flow.exporting.walk import Frame
from exportlint.source.module import Module
from exportlint.source.project import Assigned, Defined, External, Resolved

_BUILTINS = frozenset(
    "abs all any bool dict enumerate exit float getattr hasattr id int isinstance len list map max min next open print "
    "quit range repr round set setattr sorted str sum super tuple type vars zip".split()
)
_WRAPPERS = ("parallel", "compiled")


def name(frame: Frame, node: ast.Name) -> Value:
    """A variable, whose value may stand in a function around this one or at the top of the module."""
    for names in (frame.state.names, frame.around, frame.walk.globals.get(frame.module, {})):
        if node.id in names:
            return names[node.id]
    if node.id == "__name__":
        return const("__main__")
    found = frame.walk.project.resolve(frame.module, node.id)
    if isinstance(found, Assigned):
        return _constant(found.node) or Thing(("global", found.module.name, node.id))
    value = of_resolved(found)
    if value is None and node.id in _BUILTINS:
        return Outside(f"builtins.{node.id}")
    return value or Thing(("global", frame.module.name, node.id))


def of_resolved(found: Resolved) -> Value | None:
    """A definition, a module, or a name outside the project, as a value; None for anything else."""
    if isinstance(found, Defined):
        return Inside(found)
    if isinstance(found, External):
        return Outside(found.name)
    return Thing(("module", found)) if isinstance(found, Module) else None


def _constant(node: ast.expr) -> Const | None:
    return const(node.value) if isinstance(node, ast.Constant) else None


def attribute(frame: Frame, receiver: Value, attr: str) -> Value:
    """What `receiver.attr` is."""
    if isinstance(receiver, Outside):
        return Outside(f"{receiver.name}.{attr}")
    if isinstance(receiver, Thing) and receiver.key[0] == "module":
        module = receiver.key[1]
        found = frame.walk.project.resolve(module, attr)
        if isinstance(found, Assigned):
            return _constant(found.node) or Thing(("global", found.module.name, attr))
        return of_resolved(found) or Thing(("global", module.name, attr))
    if (receiver, attr) in frame.state.fields:
        return frame.state.fields[(receiver, attr)]
    fact = frame.state.facts.get(receiver)
    if isinstance(fact, Model):
        if attr == "training" and len(fact.modes) == 1 and "unknown" not in fact.modes:
            return TRUE if fact.modes == {"train"} else FALSE
        if attr in ("module", "_orig_mod") and fact.form in _WRAPPERS and fact.inner is not None:
            return fact.inner
    if isinstance(fact, Tensor | Answer) and attr in ("data", "T", "mT", "real"):
        return receiver
    return Method(receiver, attr)


def as_object(frame: Frame, value: Value) -> Value:
    """An attribute of an object, where it is used as an object of its own: `self.model` is the same one each time."""
    if not isinstance(value, Method):
        return value
    held = Thing(("field", as_object(frame, value.receiver), value.name))
    owner = frame.state.facts.get(value.receiver)
    if isinstance(owner, Model) and held not in frame.state.facts:
        # A part of a model has its mode, and is on its device.
        part = Model(owner.modes, "", "unknown", owner.trained, None, owner.dtype, owner.device)
        frame.state.facts[held] = part
    return held

"""Methods that TorchScript modules have of their class."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.events import Place
from exportlint.flow.exporting.events import MissingMethod
from exportlint.flow.exporting.things import Model
from exportlint.flow.objects import Classes, decorators, members
from exportlint.source.project import Defined

if TYPE_CHECKING:
    from exportlint.flow.exporting.walk import Frame

_TARGETS = {"traced": "trace", "scripted": "script"}
_PLAIN = frozenset(("staticmethod", "classmethod"))
_OF_MODULES = ("add_", "get_", "named_", "register_", "_")  # nn.Module's own, which a class may have anew


def called(frame: Frame, node: ast.Call, name: str, model: Model) -> None:
    """A call of a method that the class of a traced or scripted module has, and the module surely lacks."""
    classes = frame.walk.traits.classes
    if model.form not in _TARGETS or model.cls is None or name.startswith(_OF_MODULES):
        return
    found = classes.find(model.cls, name)
    if found is None or not isinstance(found[1], ast.FunctionDef) or not _PLAIN.issuperset(decorators(found[1])):
        return
    if model.form == "scripted" and name in _compiled(classes, model.cls):
        return
    owner, method = found
    frame.emit(
        MissingMethod,
        node,
        (_TARGETS[model.form],),
        name=name,
        form=model.form,
        method=Place(owner.module.path, method.lineno, "it is defined here"),
        export=model.export,
    )


def _compiled(classes: Classes, cls: Defined) -> set[str]:
    """Names of methods that scripting may compile: forward, exported ones, and what is named in these and so on."""
    bodies: dict[str, list[ast.AST]] = {}
    for owner in classes.order(cls)[0]:
        for name, member in members(owner.node).items():
            bodies.setdefault(name, []).append(member)
    exported = [name for name, found in bodies.items() if any(_is_marked(member) for member in found)]
    names, waiting = set(), ["forward", *exported]
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            nodes = [node for body in bodies.get(name, ()) for node in ast.walk(body)]
            waiting += [node.attr for node in nodes if isinstance(node, ast.Attribute)]
    return names if "forward" in bodies else names | bodies.keys()


def _is_marked(member: ast.AST) -> bool:
    return any(mark.endswith("jit.export") or mark == "export" or mark == "property" for mark in decorators(member))

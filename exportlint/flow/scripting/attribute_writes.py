"""Attributes and items that compiled code writes, and those that it cannot see."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.objects import dotted, members
from exportlint.flow.scripting.fitting import fits
from exportlint.flow.scripting.types import NONE, NUMBERS, STR, TENSOR, Type
from exportlint.flow.values import Instance, Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body


_EXACT = (TENSOR, *NUMBERS, STR)
"""Types that an attribute keeps: nothing converts what is written to it, a bool to int neither."""


def missing_attribute(body: Body, node: ast.Attribute, receiver: Instance) -> None:
    """Class variables are no attributes for torch, unless declared constants; what a constructor leaves out is none."""
    classes = body.program.classes
    if body.program.lacks(receiver, node.attr):
        body.fault(node, "attribute", f"`{node.attr}`, which the constructor does not set")
    found = classes.find(receiver.cls, node.attr)
    if node.attr in ("_modules", "_parameters", "_buffers", "__class__", "__dict__"):
        body.fault(node, "attribute", f"`{node.attr}`, which torch does not keep")
    if found is None or isinstance(found[1], ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return
    held = body.program.interpreter.attributes.of(receiver)
    if node.attr in held or body.program.is_constant(receiver, node.attr) or _declared(classes, receiver, node.attr):
        return
    if isinstance(found[1], ast.Constant | ast.List | ast.Tuple | ast.Dict) and not _set_anywhere(
        classes, receiver, node.attr
    ):
        body.fault(node, "attribute", f"`{node.attr}`, which is a class variable")


def set_attribute(body: Body, target: ast.Attribute, value: Value, node: ast.AST) -> None:
    """`self.name = value` outside the constructor: the attribute must exist and keep its type."""
    receiver = body.term(target.value)
    if receiver == TENSOR and target.attr != "data":  # EXL203 tells of that
        body.fault(node, "attribute", f"`{target.attr}` of a tensor")
    if not isinstance(receiver, Instance) or not body.program.is_module(receiver.cls):
        return
    classes = body.program.classes
    known = body.program.attribute(receiver, target.attr)
    if known == NONE and value != NONE and isinstance(value, Type):
        body.fault(node, "attribute", f"`{target.attr}`, which is None and gets {value}")
        body.misread.add((receiver, target.attr))
    elif known in _EXACT and value in (*_EXACT, NONE) and known != value:
        body.fault(node, "attribute", f"`{target.attr}`, which is {known} and gets {value}")
    foreign = set(classes.foreign(receiver.cls))
    known_to = _set_anywhere(classes, receiver, target.attr) or _declared(classes, receiver, target.attr)
    if foreign == {"torch.nn.Module"} and not known_to:
        body.fault(node, "attribute", f"`{target.attr}`, which the constructor does not set")


def set_item(body: Body, target: ast.Subscript, value: Value, node: ast.AST) -> None:
    """`items[key] = value`: the type of a dict is settled where it is made."""
    holder = body.term(target.value)
    if isinstance(holder, Type) and holder.name == "Tuple":
        body.fault(node, "unsupported-syntax", "an item of a tuple set anew")
    if isinstance(holder, Type) and holder.name == "List" and isinstance(target.slice, ast.Slice):
        body.fault(node, "unsupported-syntax", "a slice of a list set anew")
    if not isinstance(target.slice, ast.Slice):
        body.term(target.slice)
    if isinstance(holder, Type) and holder.name == "Dict" and holder.args and fits(holder.args[-1], value) is False:
        body.fault(
            node, "container-type", f"{value} put into {holder}; an empty dict without annotation is Dict[str, Tensor]"
        )


def _set_anywhere(classes, receiver: Instance, name: str) -> bool:
    """Whether a constructor, or a method that one may call, could set an attribute."""
    for owner in classes.order(receiver.cls)[0]:
        for method in members(owner.node).values():
            if not isinstance(method, ast.FunctionDef) or method.name == "forward":
                continue
            for node in ast.walk(method):
                if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store):
                    return True
                if isinstance(node, ast.Constant) and node.value == name:
                    return True
                if isinstance(node, ast.Name) and node.id == "setattr":
                    return True
    return False


def _declared(classes, receiver: Instance, name: str) -> bool:
    return any(
        isinstance(s, ast.AnnAssign) and dotted(s.target) == name
        for owner in classes.order(receiver.cls)[0]
        for s in owner.node.body
    )

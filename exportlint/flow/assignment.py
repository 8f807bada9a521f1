"""What an assignment does: to variables, attributes of objects, items of containers; and unpacking."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from exportlint.flow import carried, own_state, reporting, tensor_data
from exportlint.flow.iteration import element_of, elements
from exportlint.flow.joins import join, member, present
from exportlint.flow.values import UNKNOWN, Const, Instance, Map, Seq, Shape, Tensor, Union, Value, options

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame


def assign(frame: Frame, target: ast.expr, value: Value, source: ast.expr) -> None:
    """Bind a target to a value that came from the expression `source`."""
    if isinstance(target, ast.Name):
        frame.env[target.id] = value
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(frame, target, value, source)
    elif isinstance(target, ast.Attribute):
        own_state.replaced(frame, target, source)
        carried.written(frame, target, value, source)
        _set_attribute(frame, target, value)
    elif isinstance(target, ast.Subscript):
        _set_item(frame, target, value)
    elif isinstance(target, ast.Starred):
        assign(frame, target.value, Seq("list", None, value), source)


def _set_attribute(frame: Frame, target: ast.Attribute, value: Value) -> None:
    holder = frame.eval(target.value)
    tensor_data.report(frame, target, holder)
    for receiver in options(holder):
        if isinstance(receiver, Instance):
            certain = frame.constructing is receiver and frame.certain
            frame.interpreter.attributes.write(receiver, target.attr, value, certain)


def _set_item(frame: Frame, target: ast.Subscript, value: Value) -> None:
    container = frame.eval(target.value)
    key = frame.eval(target.slice)
    updated = []
    for option in options(container):
        if isinstance(option, Tensor):
            reporting.item_assignment(frame, target, option)
            parts = [t for t in options(value) if isinstance(t, Tensor)]
            updated.append(replace(option, depends="input") if any(t.depends == "input" for t in parts) else option)
        elif isinstance(option, Map):
            updated.append(with_item(option, key, value))
        elif isinstance(option, Seq):
            updated.append(Seq(option.type, None, join(member(option), value) if option.items != () else value))
        else:
            updated.append(option)
    if updated and updated[0] != container:
        rebind(frame, target.value, updated[0] if len(updated) == 1 else Union(tuple(updated)))


def with_item(mapping: Map, key: Value, value: Value) -> Map:
    """A dict with one more item."""
    if isinstance(key, Const):
        items = tuple((k, v) for k, v in mapping.items if k != key.value)
        return Map(mapping.type, (*items, (key.value, value)), mapping.element)
    return Map(mapping.type, mapping.items, value if mapping.element is None else join(mapping.element, value))


def rebind(frame: Frame, holder: ast.expr, value: Value) -> None:
    """A container changed in place: what holds it holds the new contents."""
    if isinstance(holder, ast.Name):
        frame.env[holder.id] = value
    elif isinstance(holder, ast.Attribute):
        _set_attribute(frame, holder, value)


def _unpack(frame: Frame, target: ast.Tuple | ast.List, value: Value, source: ast.expr) -> None:
    parts = [unpacked(frame, option, len(target.elts), source, target) for option in present(value)]
    star = next((i for i, t in enumerate(target.elts) if isinstance(t, ast.Starred)), None)
    for index, element in enumerate(target.elts):
        kinds = [_part(known, index, star, len(target.elts)) for known in parts]
        kind = kinds[0]
        for other in kinds[1:]:
            kind = join(kind, other)
        assign(frame, element, kind, source)


def _part(known: Seq | Shape, index: int, star: int | None, wanted: int) -> Value:
    if isinstance(known, Shape):
        if star is None or index < star:
            return known.axis(index)
        return Seq("tuple", None, known.axis(None)) if index == star else known.axis(index - wanted)
    if known.items is None:
        return known.element
    extra = len(known.items) - wanted
    if star is None or index < star:
        return known.items[index] if index < len(known.items) else UNKNOWN
    if index == star:
        return member(Seq("list", known.items[star : star + extra + 1])) if extra >= 0 else UNKNOWN
    return known.items[index + extra] if 0 <= index + extra < len(known.items) else UNKNOWN


def unpacked(frame: Frame, value: Value, wanted: int, source: ast.expr, node: ast.AST) -> Seq | Shape:
    """The members that `a, b = value` binds."""
    if isinstance(value, Shape):
        return value
    if isinstance(value, Seq) and (value.items is None or len(value.items) >= wanted - 1):
        return value
    if isinstance(value, Tensor):
        if frame.certain:
            reporting.tensor_loop(frame, node, value, "unpack")
        return Seq("tuple", None, element_of(value))
    return Seq("tuple", None, elements(frame, source, value, "unpack"))

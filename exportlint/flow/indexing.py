"""Subscripts: of tensors, containers of known members, sizes and modules."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from exportlint.flow import ragged, reporting, views
from exportlint.flow.events import OperatorCall
from exportlint.flow.joins import join_all, member, present
from exportlint.flow.values import (
    GUESS,
    UNKNOWN,
    Api,
    Array,
    Class,
    Const,
    Dim,
    Instance,
    Map,
    Number,
    Seq,
    Shape,
    Static,
    Tensor,
    Value,
    most_dependent,
    options,
)

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame


def subscript(frame: Frame, node: ast.Subscript) -> Value:
    """The kind of `container[key]`."""
    container = frame.eval(node.value)
    key = frame.eval(node.slice)
    return join_all([_item(frame, node, option, key) for option in present(container)])


def _item(frame: Frame, node: ast.Subscript, container: Value, key: Value) -> Value:
    if isinstance(container, Tensor):
        return _of_tensor(frame, node, container, key)
    if isinstance(container, Shape):
        return _of_shape(container, key)
    if isinstance(container, Seq):
        for number in (k for k in options(key) if isinstance(k, Number)):
            reporting.use(frame, number, "index", node)
        return _of_sequence(container, key)
    if isinstance(container, Map):
        for number in (k for k in options(key) if isinstance(k, Number)):
            reporting.use(frame, number, "key", node)
        known = container.get(key.value) if isinstance(key, Const) else None
        return known if known is not None else member(container)
    if isinstance(container, Array):
        return container
    if isinstance(container, Number):
        return container if container.how == "tolist" else UNKNOWN
    if isinstance(container, Class | Api):
        return container  # Generic[T]
    if isinstance(container, Instance):
        return _of_instance(frame, node, container, key)
    return Static("str") if isinstance(container, Static) and container.type == "str" else UNKNOWN


def _of_tensor(frame: Frame, node: ast.Subscript, tensor: Tensor, key: Value) -> Value:
    parts = key.items if isinstance(key, Seq) and key.type == "tuple" and key.items is not None else (key,)
    if isinstance(key, Const) and isinstance(key.value, str):
        return UNKNOWN  # a mapping taken for a tensor
    for part in parts:
        for kind in options(part):
            if isinstance(kind, Number):
                reporting.use(frame, kind, "index", node)
            if isinstance(kind, Seq) and kind.type == "slice":
                for bound in kind.items or ():
                    for number in (k for k in options(bound) if isinstance(k, Number)):
                        reporting.use(frame, number, "slice", node)
    frame.emit(
        OperatorCall,
        node,
        tensor.sure,
        name="operator.getitem",
        arguments=_steps(parts),
        given=("0", "1"),
        dtype=tensor.dtype,
    )
    basic = all(isinstance(part, Const) or (isinstance(part, Seq) and part.type == "slice") for part in parts)
    view = views.variable(node.value, tensor) if basic else None
    depends = most_dependent([tensor.depends, *(k.depends for k in _indices(key))])
    shape = _indexed(tensor.shape, parts)
    return replace(tensor, depends=depends, shape=shape, source=None, ragged=_ragged(tensor, parts), view=view)


def _ragged(tensor: Tensor, parts: tuple[Value, ...]) -> ragged.Ragged:
    """The ragged axes after indexing: those of the tensor that are left, and those that a selection makes."""
    found: list[int] = []
    taken = made = 0  # axes of the tensor, and of the result, that the parts until now stand for
    for part in parts:
        if isinstance(part, Const) and part.value is Ellipsis:
            break
        if isinstance(part, Const) and part.value is None:
            made += 1
            continue
        selects = [k for k in options(part) if isinstance(k, Tensor) and (k.dtype == "bool" or k.ragged)]
        if selects or (isinstance(part, Seq) and part.type == "slice" and ragged.has(tensor.ragged, taken)):
            found.append(made)
        made += isinstance(part, Seq) or any(isinstance(k, Tensor | Seq) for k in options(part))
        taken += 1
    rest = ragged.onward(tensor.ragged, taken)
    found += [axis + made for axis in rest] if isinstance(rest, tuple) else []
    return tuple(found) or rest


def _indices(key: Value) -> list[Tensor | Number]:
    """Tensors in a subscript, and numbers taken out of some: what it selects depends on them."""
    inner = [kind for part in key.items or () for kind in _indices(part)] if isinstance(key, Seq) else []
    return inner + [kind for kind in options(key) if isinstance(kind, Tensor | Number)]


def _steps(parts: tuple[Value, ...]) -> tuple:
    """Known steps of slices: exporters mind negative ones."""
    steps = [
        p.items[2].value for p in parts if isinstance(p, Seq) and p.type == "slice" and isinstance(p.items[2], Const)
    ]
    return (("step", tuple(steps)),) if any(s not in (None, 1) for s in steps) else ()


def _indexed(shape: tuple[Value, ...] | None, parts: tuple[Value, ...]) -> tuple[Value, ...] | None:
    """Sizes after indexing by ints, whole slices, None and Ellipsis; None where anything else indexes."""
    if shape is None:
        return None
    left, done = list(shape), []
    for part in parts:
        if isinstance(part, Const) and part.value is None:
            done.append(Const("int", 1))
        elif isinstance(part, Const) and part.value is Ellipsis and part is parts[-1]:
            break
        elif isinstance(part, Const) and type(part.value) is int and left:
            left.pop(0)
        elif isinstance(part, Seq) and part.type == "slice" and left:
            size = left.pop(0)
            whole = all(isinstance(b, Const) and b.value is None for b in part.items)
            done.append(size if whole else _sliced(size))
        else:
            return None
    return (*done, *left)


def _sliced(size: Value) -> Value:
    return replace(size, exact=False) if isinstance(size, Dim) else Static("int")


def _of_shape(shape: Shape, key: Value) -> Value:
    if isinstance(key, Const) and type(key.value) is int:
        return shape.axis(key.value)
    if isinstance(key, Seq) and key.type == "slice":
        first = key.items[0] if key.items else None
        start = first.value if isinstance(first, Const) and type(first.value) is int else 0
        return Shape(None, shape.declared, ragged.onward(shape.ragged, start) if start >= 0 else False)
    return shape.axis(None)


def _of_sequence(sequence: Seq, key: Value) -> Value:
    if sequence.items is not None and isinstance(key, Const) and type(key.value) is int:
        inside = -len(sequence.items) <= key.value < len(sequence.items)
        return sequence.items[key.value] if inside else UNKNOWN
    if isinstance(key, Seq) and key.type == "slice":
        if sequence.items is not None and all(
            isinstance(b, Const) and type(b.value) in (int, type(None)) for b in key.items
        ):
            bounds = slice(*(b.value for b in key.items))
            if bounds.step != 0:
                return replace(sequence, items=sequence.items[bounds])
        return Seq(sequence.type, None, member(sequence))
    one = member(sequence)
    return one if isinstance(key, Const) and key.value == 0 else _of_several(one)


def _of_several(one: Value) -> Value:
    """A member that is a tensor or a tuple: a guess, but for the first one, which models mostly give a tensor."""
    kinds = options(one)
    if not any(isinstance(kind, Seq | Shape | Map) for kind in kinds):
        return one
    return join_all([replace(kind, sure=GUESS) if isinstance(kind, Tensor) else kind for kind in kinds])


def _of_instance(frame: Frame, node: ast.Subscript, instance: Instance, key: Value) -> Value:
    from exportlint.flow.arguments import Arguments
    from exportlint.flow.attributes import method
    from exportlint.flow.calls import apply

    getter = method(frame, instance, "__getitem__")
    return apply(frame, node, getter, Arguments((key,))) if getter is not None else UNKNOWN

"""What a value may be that is one of several, and questions about values of several kinds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from exportlint.flow.values import (
    NONE,
    UNKNOWN,
    Const,
    Dim,
    Map,
    Number,
    Seq,
    Static,
    Tensor,
    Union,
    Unknown,
    Value,
    most_dependent,
    options,
)

MOST_OPTIONS = 5


def member(container: Seq | Map) -> Value:
    """What any item of a container may be."""
    if isinstance(container, Map):
        return join_all([v for _, v in container.items] + ([container.element] if container.element else []))
    return join_all(container.items) if container.items is not None else container.element


def join_all(values: Iterable[Value]) -> Value:
    """What a value may be that is any of some; Unknown for none."""
    result: Value | None = None
    for value in values:
        result = value if result is None else join(result, value)
    return UNKNOWN if result is None else result


def join(one: Value, other: Value) -> Value:
    """What a value may be that is one or the other."""
    if one is other or one == other:
        return one
    merged: list[Value] = []
    for option in (*options(one), *options(other)):
        for index, have in enumerate(merged):
            both = _merge(have, option)
            if both is not None:
                merged[index] = both
                break
        else:
            merged.append(option)
    if len(merged) == 1:
        return merged[0]
    return Union(tuple(merged)) if len(merged) <= MOST_OPTIONS else UNKNOWN


def _merge(one: Value, other: Value) -> Value | None:
    """One kind that covers two values, or None when they are of different kinds."""
    if one is other or one == other:
        return one
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return Tensor(
            most_dependent((one.depends, other.depends)),
            min(one.sure, other.sure) if {one.depends, other.depends} == {"input"} else max(one.sure, other.sure),
            _join_shapes(one.shape, other.shape),
            one.dtype if one.dtype == other.dtype else None,
            one.source if one.source == other.source else None,
            one.ragged or other.ragged,
        )
    if isinstance(one, Dim) and isinstance(other, Dim):
        axes = tuple(dict.fromkeys((*one.axes, *other.axes)))
        return Dim(axes, one.declared or other.declared, one.ragged or other.ragged, False)
    if isinstance(one, Number) and isinstance(other, Number):
        return replace(one, depends=most_dependent((one.depends, other.depends)), sure=min(one.sure, other.sure))
    if isinstance(one, Static) and isinstance(other, Static):
        if (isinstance(one, Const) and one.value is None) != (isinstance(other, Const) and other.value is None):
            return None
        return Static(one.type if one.type == other.type else None)
    if isinstance(one, Seq) and isinstance(other, Seq) and one.type == other.type:
        return _join_sequences(one, other)
    if isinstance(one, Map) and isinstance(other, Map) and one.type == other.type:
        return _join_maps(one, other)
    return None


def _join_shapes(one: tuple | None, other: tuple | None) -> tuple | None:
    if one is None or other is None or len(one) != len(other):
        return None
    return tuple(join(a, b) for a, b in zip(one, other, strict=True))


def _join_sequences(one: Seq, other: Seq) -> Seq:
    if one.items is not None and other.items is not None and len(one.items) == len(other.items):
        return replace(one, items=tuple(join(a, b) for a, b in zip(one.items, other.items, strict=True)))
    if one.items == () or other.items == ():
        full = other if one.items == () else one
        return Seq(one.type, None, member(full))
    return Seq(one.type, None, join(member(one), member(other)))


def _join_maps(one: Map, other: Map) -> Map:
    keys = list(dict.fromkeys([*(k for k, _ in one.items), *(k for k, _ in other.items)]))
    items = []
    for key in keys:
        a, b = one.get(key), other.get(key)
        items.append((key, join(a, b) if a is not None and b is not None else (a if a is not None else b)))
    elements = [e for e in (one.element, other.element) if e is not None]
    return Map(one.type, tuple(items), join_all(elements) if elements else None)


def coarse(value: Value) -> Value:
    """A value without what is known of sizes."""
    if isinstance(value, Tensor):
        return Tensor(
            value.depends,
            value.sure,
            None,
            value.dtype if value.dtype in ("bool", "int64") else None,
            None,
            value.ragged,
        )
    if isinstance(value, Dim):
        return Dim((), value.declared, value.ragged, False)
    if isinstance(value, Const) and type(value.value) in (int, float):
        return Static(value.type)
    if isinstance(value, Seq):
        items = None if value.items is None else tuple(coarse(item) for item in value.items)
        return Seq(value.type, items, coarse(value.element), value.names)
    if isinstance(value, Map):
        return Map(
            value.type,
            tuple((k, coarse(v)) for k, v in value.items),
            None if value.element is None else coarse(value.element),
        )
    if isinstance(value, Union):
        return join_all([coarse(option) for option in value.options])
    return value


def tensors_in(value: Value, depth: int = 3) -> list[Tensor]:
    """The tensors that a value is or holds."""
    if isinstance(value, Tensor):
        return [value]
    if depth == 0:
        return []
    inner: Iterable[Value] = ()
    if isinstance(value, Union):
        inner = value.options
    elif isinstance(value, Seq):
        inner = value.items if value.items is not None else (value.element,)
    elif isinstance(value, Map):
        inner = [v for _, v in value.items]
    return [t for v in inner for t in tensors_in(v, depth - 1)]


def has(value: Value, kind: type | tuple[type, ...]) -> bool:
    """Whether a value may be of a kind."""
    return any(isinstance(option, kind) for option in options(value))


def present(value: Value) -> tuple[Value, ...]:
    """The kinds a value may have where None would raise: None is left out unless it is all there is."""
    if type(value) is not Union:
        return (value,)
    return tuple(kind for kind in value.options if kind != NONE) or value.options


def is_none(value: Value) -> bool | None:
    """Whether a value is None: True, False, or None when it may be."""
    answers = {_option_is_none(option) for option in options(value)}
    return answers.pop() if len(answers) == 1 else None


def _option_is_none(value: Value) -> bool | None:
    if isinstance(value, Const):
        return (value.value is None) if value.fixed or value.value is not None else None
    if isinstance(value, Unknown) or (isinstance(value, Static) and value.type in (None, "NoneType")):
        return None
    return False


def computed(value: Value) -> int | None:
    """How sure it is that a value holds a tensor which depends on the call's inputs; None where it holds none."""
    found = []
    for kind in options(value):
        if isinstance(kind, Tensor) and kind.depends == "input":
            found.append(kind.sure)
        elif isinstance(kind, Seq | Map):
            members = [v for _, v in kind.items] if isinstance(kind, Map) else list(kind.items or (kind.element,))
            found += [sure for sure in map(computed, members) if sure is not None]
    return max(found, default=None)

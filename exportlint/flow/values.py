"""The kinds of value that the interpreter tells apart. Immutable; equal values are interchangeable."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from exportlint.flow.events import Place
from exportlint.source.module import Module
from exportlint.source.project import Defined

CERTAIN, LIKELY, GUESS = (
    2,
    1,
    0,
)  # how sure we are that a value is a tensor: computed or declared; used like one; assumed
DEPENDS = ("constant", "state", "input")  # on nothing; on parameters and buffers; on what the model is called with


class Value:
    """Base of all kinds."""

    __slots__ = ()


@dataclass(frozen=True)
class Unknown(Value):
    """Anything."""


@dataclass(frozen=True)
class Static(Value):
    """A Python value that no tensor decides: configuration, a flag, a dtype. `type` is its Python type, if known."""

    type: str | None = None


@dataclass(frozen=True)
class Const(Static):
    """A known Python value. `fixed`: it cannot be another in another configuration, so it decides branches."""

    value: object = None
    fixed: bool = True

    def __hash__(self) -> int:
        return hash((type(self.value).__name__, repr(self.value), self.fixed))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Const)
            and type(other.value) is type(self.value)
            and repr(other.value) == repr(self.value)
            and other.fixed == self.fixed
        )


@dataclass(frozen=True)
class Tensor(Value):
    """A tensor. `shape`: one Value an axis (Const, Dim or Static) where the rank is known. `source`: the entry's

    parameter it is, unchanged. `ragged`: sizes that depend on values (nonzero, a boolean mask): their axes, or True.
    """

    depends: str = "input"
    sure: int = CERTAIN
    shape: tuple[Value, ...] | None = None
    dtype: str | None = None
    source: str | None = None
    ragged: bool | tuple[int, ...] = False


@dataclass(frozen=True)
class Dim(Value):
    """An int computed from sizes. `axes`: the (input, axis) pairs it came from where known; `declared`: one of them is

    declared dynamic; `ragged`: a size that depends on values; `exact`: the size itself, not arithmetic on it.
    """

    axes: tuple[tuple[str, int], ...] = ()
    declared: bool = False
    ragged: bool = False
    exact: bool = True


@dataclass(frozen=True)
class Number(Value):
    """A Python number (or str) taken out of a tensor at `origin`."""

    type: str
    depends: str
    sure: int
    origin: Place | None = None
    how: str = "item"


@dataclass(frozen=True)
class Array(Value):
    """A numpy array made from a tensor."""

    depends: str
    sure: int


@dataclass(frozen=True)
class Guard(Value):
    """A bool that differs by target: True for `true`, unknown for `maybe`, False for the others."""

    true: frozenset[str]
    maybe: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Seq(Value):
    """A list, tuple, set, generator, torch.Size, ModuleList or Sequential: known `items`, or the join of them."""

    type: str
    items: tuple[Value, ...] | None = None
    element: Value = Unknown()
    names: tuple[str, ...] = ()

    def member(self) -> Value:
        """The join of all members."""
        return join_all(self.items) if self.items is not None else self.element


@dataclass(frozen=True)
class Map(Value):
    """A dict or ModuleDict: known items, and what any other key may hold."""

    type: str
    items: tuple[tuple[object, Value], ...] = ()
    element: Value | None = None

    def get(self, key: object) -> Value | None:
        """The value of a known key."""
        return next((v for k, v in self.items if k == key and type(k) is type(key)), None)

    def member(self) -> Value:
        """The join of all values."""
        return join_all([v for _, v in self.items] + ([self.element] if self.element else []))


@dataclass(frozen=True)
class Shape(Value):
    """The sizes of a tensor of unknown rank: `source` as in Tensor."""

    source: str | None = None
    declared: bool = False
    ragged: bool | tuple[int, ...] = False

    def axis(self, index: int | None) -> Dim:
        """The size of one axis."""
        axes = ((self.source, index),) if self.source and index is not None else ()
        ragged = index in self.ragged if isinstance(self.ragged, tuple) else self.ragged
        return Dim(axes, self.declared, ragged)


@dataclass(frozen=True, eq=False)
class Instance(Value):
    """An object of a class of the project, told apart by what its constructor got; the interpreter keeps one of each."""

    cls: Defined
    arguments: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class Layer(Value):
    """An nn.Module of torch's own: "torch.nn.Conv2d" and its constructor's arguments by name or position."""

    name: str
    arguments: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class Api(Value):
    """A function, class or module outside the project, by its dotted name: "torch.einsum"."""

    name: str


@dataclass(frozen=True)
class Namespace(Value):
    """A module of the project."""

    module: Module

    def __hash__(self) -> int:
        return id(self.module)


@dataclass(frozen=True)
class Class(Value):
    """A class of the project."""

    defined: Defined


@dataclass(frozen=True, eq=False)
class Function(Value):
    """A function of the project, with the object it is bound to and the variables it closes over."""

    module: Module
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    qualname: str
    receiver: Value | None = None
    owner: Defined | None = None
    closure: dict = field(default_factory=dict, compare=False)

    def __hash__(self) -> int:
        return hash((id(self.node), self.receiver))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and other.node is self.node and other.receiver == self.receiver

    def bind(self, receiver: Value | None) -> Function:
        """The same function as a method of `receiver`, or of nothing."""
        return Function(self.module, self.node, self.qualname, receiver, self.owner, self.closure)


@dataclass(frozen=True)
class Method(Value):
    """A method of a value that is no object of the project: `x.sum` of a tensor, `items.append` of a list."""

    receiver: Value
    name: str


@dataclass(frozen=True)
class Partial(Value):
    """functools.partial of a callable with some arguments."""

    function: Value
    args: tuple[Value, ...]
    kwargs: tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Super(Value):
    """super(): the bases after `owner`, on `receiver`."""

    owner: Defined
    receiver: Value


@dataclass(frozen=True)
class Union(Value):
    """One of a few kinds."""

    options: tuple[Value, ...]


UNKNOWN = Unknown()
NONE = Const("NoneType", None)
MOST_OPTIONS = 5


def const(value: object, fixed: bool = True) -> Const:
    """A known Python value."""
    return Const(type(value).__name__, value, fixed)


def options(value: Value) -> tuple[Value, ...]:
    """The kinds a value may have."""
    return value.options if isinstance(value, Union) else (value,)


def most_dependent(values: Iterable[str]) -> str:
    """The strongest dependence among some."""
    return max(values, key=DEPENDS.index, default="constant")


def join_all(values: Iterable[Value]) -> Value:
    """What a value may be that is any of some; Unknown for none."""
    result: Value | None = None
    for value in values:
        result = value if result is None else join(result, value)
    return UNKNOWN if result is None else result


def join(one: Value, other: Value) -> Value:
    """What a value may be that is one or the other."""
    if one == other:
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
    if one == other:
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
        return Seq(one.type, None, full.member())
    return Seq(one.type, None, join(one.member(), other.member()))


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
            value.depends, value.sure, None, value.dtype if value.dtype == "bool" else None, None, value.ragged
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

"""The kinds of value that the interpreter tells apart. Immutable; equal values are interchangeable."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import field

from exportlint.finding import Span
from exportlint.flow import ragged
from exportlint.flow.events import Place
from exportlint.flow.immutable import immutable
from exportlint.source.module import Module
from exportlint.source.project import Defined

# how sure we are that a value is a tensor: computed or declared; used like one; assumed
CERTAIN, LIKELY, GUESS = 2, 1, 0
DEPENDS = ("constant", "state", "input")  # on nothing; on parameters, buffers, sizes; on what the model is called with


class Value:
    """Base of all kinds."""

    __slots__ = ()


@immutable
class Unknown(Value):
    """Anything."""


@immutable
class Static(Value):
    """A Python value that no tensor decides: configuration, a flag, a dtype. `type` is its Python type, if known."""

    type: str | None = None


@immutable
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


@immutable
class DataType(Static):
    """A known dtype of torch: `name` is "int64" for torch.int64 and for torch.long."""

    type: str | None = "dtype"
    name: str = ""


@immutable
class Drawn(Static):
    """A random number that Python drew at `span`, with `function`."""

    span: Span | None = None
    function: str = ""


@immutable
class Tensor(Value):
    """A tensor. `shape`: one Value an axis (Const, Dim or Static) where the rank is known. `source`: the entry's
    parameter it is, unchanged. `ragged`: sizes that depend on values (nonzero, a boolean mask): their axes, or True.
    `view`: the variable whose memory it shares, being a part of it.
    """

    depends: str = "input"
    sure: int = CERTAIN
    shape: tuple[Value, ...] | None = None
    dtype: str | None = None
    source: str | None = None
    ragged: bool | tuple[int, ...] = False
    view: str | None = None


@immutable
class Dim(Value):
    """An int computed from sizes. `axes`: the (input, axis) pairs it came from where known; `declared`: one is declared
    dynamic; `ragged`: it depends on values; `exact`: the size itself, no arithmetic on it; `rounds`: several sizes give
    the same whole number (`n // 2`, `n * 0.5`).
    """

    axes: tuple[tuple[str, int], ...] = ()
    declared: bool = False
    ragged: bool = False
    exact: bool = True
    rounds: bool = False


@immutable
class Number(Value):
    """A Python number (or str) taken out of a tensor at `origin`."""

    type: str
    depends: str
    sure: int
    origin: Place | None = None
    how: str = "item"


@immutable
class Array(Value):
    """A numpy array made from a tensor."""

    depends: str
    sure: int


@immutable
class Guard(Value):
    """A bool that differs by target: True for `true`, unknown for `maybe`, False for the others."""

    true: frozenset[str]
    maybe: frozenset[str] = frozenset()


@immutable
class Seq(Value):
    """A list, tuple, set, generator, torch.Size, ModuleList or Sequential: known `items`, or the join of them.
    `source`: the entry's parameter it is, declared as a list of tensors.
    """

    type: str
    items: tuple[Value, ...] | None = None
    element: Value = Unknown()
    names: tuple[str, ...] = ()
    source: str | None = None


@immutable
class Map(Value):
    """A dict or ModuleDict: known items, and what any other key may hold."""

    type: str
    items: tuple[tuple[object, Value], ...] = ()
    element: Value | None = None

    def get(self, key: object) -> Value | None:
        """The value of a known key."""
        return next((v for k, v in self.items if k == key and type(k) is type(key)), None)


@immutable
class Shape(Value):
    """The sizes of a tensor of unknown rank: `source` as in Tensor."""

    source: str | None = None
    declared: bool = False
    ragged: bool | tuple[int, ...] = False

    def axis(self, index: int | None) -> Dim:
        """The size of one axis."""
        axes = ((self.source, index),) if self.source and index is not None else ()
        return Dim(axes, self.declared, ragged.has(self.ragged, index))


@immutable
class Instance(Value):
    """An object of a class of the project, told apart by what its constructor got; there is one of each."""

    cls: Defined
    arguments: tuple[tuple[str, Value], ...] = ()

    __eq__, __hash__ = object.__eq__, object.__hash__


@immutable
class Layer(Value):
    """An nn.Module of torch's own: "torch.nn.Conv2d" and its constructor's arguments by name or position."""

    name: str
    arguments: tuple[tuple[str, Value], ...] = ()


@immutable
class Api(Value):
    """A function, class or module outside the project, by its dotted name: "torch.einsum"."""

    name: str


@immutable
class Namespace(Value):
    """A module of the project."""

    module: Module

    def __hash__(self) -> int:
        return id(self.module)


@immutable
class Class(Value):
    """A class of the project."""

    defined: Defined


@immutable
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


@immutable
class Method(Value):
    """A method of a value that is no object of the project: `x.sum` of a tensor, `items.append` of a list."""

    receiver: Value
    name: str


@immutable
class Partial(Value):
    """functools.partial of a callable with some arguments."""

    function: Value
    args: tuple[Value, ...]
    kwargs: tuple[tuple[str, Value], ...]


@immutable
class Distribution(Value):
    """One of torch.distributions. `checked`: it validates values; `seen`: made before our eyes, not only declared."""

    checked: bool
    seen: bool


@immutable
class Wrapped(Value):
    """A module or function behind a wrapper, torch.compile, put there at `span`; `asked` where an option decides."""

    wrapper: str
    inner: Value
    span: Span
    asked: bool


@immutable
class Super(Value):
    """super(): the bases after `owner`, on `receiver`."""

    owner: Defined
    receiver: Value


@immutable
class Union(Value):
    """One of a few kinds."""

    options: tuple[Value, ...]


UNKNOWN, NONE = Unknown(), Const("NoneType", None)


def const(value: object, fixed: bool = True) -> Const:
    """A known Python value."""
    return Const(type(value).__name__, value, fixed)


def options(value: Value) -> tuple[Value, ...]:
    """The kinds a value may have."""
    return value.options if isinstance(value, Union) else (value,)


def most_dependent(values: Iterable[str]) -> str:
    """The strongest dependence among some."""
    return max(values, key=DEPENDS.index, default="constant")

"""The kinds of value that a script handles, and the facts that are known of them along a path."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from exportlint.flow.events import Place
from exportlint.flow.exporting.events import Dotted, Example
from exportlint.source.module import Module
from exportlint.source.project import Defined


@dataclass(frozen=True)
class Const:
    """A known Python value."""

    value: object
    type: str


@dataclass(frozen=True)
class Seq:
    """A list or tuple of known length."""

    items: tuple[Value, ...]


@dataclass(frozen=True)
class Table:
    """A dict whose keys are all written out."""

    items: tuple[tuple[Value, Value], ...]


@dataclass(frozen=True)
class Outside:
    """A function, class or module outside the project, by its dotted name."""

    name: str


@dataclass(frozen=True)
class Inside:
    """A function or class of the project."""

    defined: Defined


@dataclass(frozen=True, eq=False)
class Local:
    """A function defined inside another, with the variables around it."""

    module: Module
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    around: dict[str, Value]


@dataclass(frozen=True)
class Method:
    """An attribute of a value that is not known as a value of its own: a method, mostly."""

    receiver: Value
    name: str


@dataclass(frozen=True)
class Thing:
    """Any other object, told apart by where it came from."""

    key: tuple
    hashed: int = field(init=False, compare=False, repr=False)  # keys hold things that hold keys

    def __post_init__(self) -> None:
        object.__setattr__(self, "hashed", hash(self.key))

    def __hash__(self) -> int:
        return self.hashed


Value = Const | Seq | Table | Outside | Inside | Local | Method | Thing
MODES = ("train", "eval", "unknown")


@dataclass(frozen=True)
class Model:
    """What is known of a module. `form`, `modes`, `sensitive` and the like as in ExportCall.

    `example`: the inputs it was traced or exported with, as a Value; `inner`: the module inside a wrapper.
    `built`: what its class got, positional and named, None where that is not known or its parts were changed since.
    `convolution` as in Saved. `export`: where it was traced or exported; `dynamic`: whether with dynamic shapes.
    """

    modes: frozenset[str] = frozenset({"unknown"})
    form: str = "eager"
    sensitive: str = "unknown"
    trained: Place | None = None
    cls: Defined | None = None
    dtype: str | None = None
    device: str | None = None
    example: Value | None = None
    inner: Value | None = None
    convolution: bool | None = None
    export: Place | None = None
    optimized: Place | None = None
    dynamic: bool = False
    targets: tuple[str, ...] = ()
    built: tuple[tuple[Value, ...], tuple[tuple[str, Value], ...]] | None = None


@dataclass(frozen=True)
class Tensor:
    """A tensor or numpy array whose making was seen. `origin` is the value it holds the numbers of."""

    example: Example
    origin: Value


@dataclass(frozen=True)
class Answer:
    """A result: of the model or file `of`, for inputs with the `origins`. `exported`: not computed by eager PyTorch."""

    of: Value
    origins: frozenset[Value]
    exported: bool


@dataclass(frozen=True)
class Session:
    """An ONNX Runtime session on a file."""

    file: Value


@dataclass(frozen=True)
class File:
    """A file that the script wrote. `holds`: "onnx", "module", "weights" or "script".

    `inputs` and `outputs`: names in an ONNX file, where known; `dynamic`: input name -> axes, None where not known.
    `beside`: whether its weights stand in a file of their own. `targets`: those of the call that wrote it.
    """

    holds: str
    export: Place | None = None
    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    dynamic: tuple[tuple[str, frozenset[int]], ...] | None = None
    example: tuple[Value, ...] | None = None
    beside: bool = False
    targets: tuple[str, ...] = ()


Fact = Model | Tensor | Answer | Session | File


def const(value: object) -> Const:
    """A known Python value."""
    return Const(value, type(value).__name__)


TRUE, FALSE, NONE = const(True), const(False), const(None)


def text_of(value: Value | None) -> str | None:
    """The text that a value is known to be."""
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


def number_of(value: Value | None) -> int | None:
    """The whole number that a value is known to be."""
    return value.value if isinstance(value, Const) and type(value.value) is int else None


def plain(value: Value) -> tuple[bool, object]:
    """Whether a value is known as a whole, and what it is; a dict is not plain."""
    if isinstance(value, Const):
        return True, value.value
    if isinstance(value, Outside):
        return True, Dotted(value.name)
    if isinstance(value, Seq):
        items = [plain(item) for item in value.items]
        return all(known for known, _ in items), tuple(item for _, item in items)
    return False, None


def pairs(value: Value) -> tuple[tuple[object, object], ...] | None:
    """The keys and values of a dict with known keys; a value is a tuple of axes, or None where it is not known.

    A sequence of dicts has the positions for keys.
    """
    if isinstance(value, Seq) and any(isinstance(item, Table) for item in value.items):
        value = Table(tuple((const(position), item) for position, item in enumerate(value.items)))
    if not isinstance(value, Table):
        return None
    found = []
    for key, held in value.items:
        known, word = plain(key)
        if not known:
            return None
        inner = [plain(k) for k, _ in held.items] if isinstance(held, Table) else None
        if inner is not None and all(k for k, _ in inner):
            found.append((word, tuple(k for _, k in inner)))
        else:
            known, axes = plain(held)
            found.append((word, axes if known else None))
    return tuple(found)


def within(value: Value) -> Iterator[Value]:
    """A value and the values that it holds."""
    yield value
    if isinstance(value, Seq):
        for item in value.items:
            yield from within(item)
    elif isinstance(value, Table):
        for _, item in value.items:
            yield from within(item)


def joined(one: Fact | None, other: Fact | None) -> Fact | None:
    """What holds of a value after either of two paths."""
    if one == other:
        return one
    if isinstance(one, Model) and isinstance(other, Model):
        return _either(one, other)
    if isinstance(one, Tensor) and isinstance(other, Tensor) and one.origin == other.origin:
        same = {
            name: getattr(one.example, name)
            for name in ("shape", "dtype", "device")
            if getattr(one.example, name) == getattr(other.example, name)
        }
        unknown = replace(one.example, shape=None, dtype=None, device=None)
        return Tensor(replace(unknown, **same), one.origin)
    if isinstance(one, Answer) and isinstance(other, Answer) and one.of == other.of:
        return Answer(one.of, one.origins | other.origins, one.exported)
    return None


def _either(one: Model, other: Model) -> Model:
    kept = {
        name: getattr(one, name)
        for name in (
            "form",
            "cls",
            "built",
            "dtype",
            "device",
            "example",
            "inner",
            "convolution",
            "export",
            "optimized",
            "targets",
        )
        if getattr(one, name) == getattr(other, name)
    }
    sensitive = one.sensitive if one.sensitive == other.sensitive else "unknown"
    plain_model = Model(one.modes | other.modes, "", sensitive, one.trained or other.trained)
    return replace(plain_model, dynamic=one.dynamic or other.dynamic, **kept)

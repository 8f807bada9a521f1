"""The types of TorchScript, and what annotations and attributes mean in it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from exportlint.flow.events import Place
from exportlint.flow.objects import decorators, dotted
from exportlint.flow.values import (
    UNKNOWN,
    Api,
    Class,
    Const,
    Function,
    Instance,
    Layer,
    Map,
    Namespace,
    Partial,
    Seq,
    Static,
    Tensor,
    Value,
)
from exportlint.source.module import Module
from exportlint.source.project import Assigned, Defined, External, Project


@dataclass(frozen=True)
class Type(Value):
    """A type by its TorchScript name, with the types it is made of."""

    name: str
    args: tuple[Value, ...] = ()

    def __str__(self) -> str:
        """As an annotation spells it, with a question mark for what is not known or is no type of TorchScript's."""
        parts = (str(one) if isinstance(one, Type) else "?" for one in self.args)
        return f"{self.name}[{', '.join(parts)}]" if self.args else self.name


@dataclass(frozen=True)
class Unscriptable(Value):
    """An attribute that torch cannot convert: an error once it is used. `why` finishes "which is ..."; `made` where."""

    why: str
    made: Place | None = None


TENSOR, INT, FLOAT, BOOL, STR, NONE = (Type(name) for name in ("Tensor", "int", "float", "bool", "str", "None"))
SOMETHING = Type("Optional", (UNKNOWN,))  # one of several types, or None
DTYPE, DEVICE, SCALAR = Type("dtype"), Type("device"), Type("Scalar")
NUMBERS = (INT, FLOAT, BOOL)
_PLAIN = {t.name: t for t in (INT, FLOAT, BOOL, STR)}
_GENERIC = {"List": "List", "list": "List", "Dict": "Dict", "dict": "Dict", "Optional": "Optional", "Final": "Final"}
# Names for which torch says "Unknown type name" or "Unknown type constructor".
_NO_TYPES = frozenset(
    f"typing.{name}"
    for name in "Callable Sequence Iterable Iterator Mapping MutableMapping Literal Type TypeVar Set FrozenSet "
    "Collection Generator DefaultDict OrderedDict".split()
) | frozenset(
    "collections.abc.Callable collections.abc.Sequence collections.abc.Iterable collections.abc.Mapping numpy.ndarray "
    "torch.nn.Module torch.Size builtins.set builtins.frozenset builtins.object builtins.type".split()
)
_NEED_PARTS = ("typing.List", "typing.Tuple", "typing.Dict", "builtins.dict")  # no types by themselves


_BARE = {f"builtins.{name}": Type(name) for name in ("list", "tuple")}
"""Containers of anything: to pass them on is all that can be done with them."""


class NoType(Exception):
    """An annotation that TorchScript cannot read; carries the part of it that is to blame."""

    def __init__(self, node: ast.AST) -> None:
        super().__init__()
        self.node = node


def optional(inner: Value) -> Value:
    """Optional of a type; of what is not known, unknown."""
    return inner if inner in (UNKNOWN, NONE) or getattr(inner, "name", "") == "Optional" else Type("Optional", (inner,))


def is_dataclass(cls: Defined) -> bool:
    """Whether a class gets its constructor from `dataclass`, of which torch finds no source."""
    return any(name.rpartition(".")[2] == "dataclass" for name in decorators(cls.node))


def list_of(inner: Value) -> Type:
    """A list."""
    return Type("List", (inner,))


def is_bare(value: Value) -> bool:
    """Whether a value is declared `list` or `tuple` and no more."""
    return value in _BARE.values()


def is_union(value: Value) -> bool:
    """Whether a value is one of several types, which `isinstance` alone tells apart."""
    return isinstance(value, Type) and value.name == "Union"


def has_union(value: Value) -> bool:
    """Whether a value is one of several types, or None."""
    return is_union(value.args[0] if is_optional(value) and value.args else value)


def is_vague(value: Value) -> bool:
    """Whether no operator, index or loop can have a value before its type is told."""
    return is_union(value) or is_bare(value)


def is_optional(value: Value) -> bool:
    """Whether a value may be None and is known to be something else otherwise."""
    return isinstance(value, Type) and value.name == "Optional"


def annotation(project: Project, module: Module, node: ast.expr | None, depth: int = 0) -> Value:
    """The type that an annotation declares, Unknown where that cannot be told. Raises NoType."""
    if node is None or depth > 6:
        return UNKNOWN
    if isinstance(node, ast.Constant):
        return _constant(project, module, node, depth)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _of_several(node, [annotation(project, module, side, depth + 1) for side in _sides(node)])
    if isinstance(node, ast.Subscript):
        return _generic(project, module, node, depth)
    resolved = resolve(project, module, dotted(node))
    if isinstance(resolved, Assigned):
        try:
            return annotation(project, resolved.module, resolved.node, depth + 1)
        except NoType:
            return UNKNOWN
    if isinstance(resolved, Defined) and is_dataclass(resolved):
        raise NoType(node)
    if not isinstance(resolved, External):
        return UNKNOWN
    if resolved.name in _NO_TYPES or resolved.name in _NEED_PARTS:
        raise NoType(node)
    if resolved.name in _BARE:
        return _BARE[resolved.name]
    last = resolved.name.rpartition(".")[2]
    if resolved.name.startswith("torch."):
        return TENSOR if last.endswith("Tensor") else UNKNOWN
    return _PLAIN.get(last, UNKNOWN) if resolved.name.startswith("builtins.") else UNKNOWN


def resolve(project: Project, module: Module, name: str):
    """What a dotted name means in a module; names nobody binds are builtins."""
    resolved = project.resolve(module, name) if name else None
    return External(f"builtins.{name}") if resolved is None and name else resolved


def _constant(project: Project, module: Module, node: ast.Constant, depth: int) -> Value:
    if node.value is None:
        return NONE
    if node.value is Ellipsis:
        raise NoType(node)
    if not isinstance(node.value, str):
        return UNKNOWN
    try:
        return annotation(project, module, ast.parse(node.value.strip(), mode="eval").body, depth + 1)
    except SyntaxError:
        return UNKNOWN
    except NoType as error:
        raise NoType(node) from error


def _generic(project: Project, module: Module, node: ast.Subscript, depth: int) -> Value:
    resolved = resolve(project, module, dotted(node.value))
    if not isinstance(resolved, External):
        return UNKNOWN
    if resolved.name in _NO_TYPES:
        raise NoType(node)
    head = resolved.name.rpartition(".")[2]
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if head in ("Annotated", "ClassVar"):
        return UNKNOWN
    types = tuple(annotation(project, module, one, depth + 1) for one in inner)
    if head in ("Optional", "Union"):
        return _of_several(node, [*types, NONE] if head == "Optional" else list(types))
    types = tuple(UNKNOWN if is_bare(one) else one for one in types)
    if head == "Final":
        return types[0]
    if head in ("Tuple", "tuple"):
        return Type("Tuple", types)
    return Type(_GENERIC[head], types) if head in _GENERIC else UNKNOWN


def _of_several(node: ast.expr, types: list[Value]) -> Value:
    if any(map(is_bare, types)):
        raise NoType(node)
    return union(types)


def _sides(node: ast.expr) -> list[ast.expr]:
    """What stands between the strokes of `A | B | None`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_sides(node.left), *_sides(node.right)]
    return [node]


def union(types: Iterable[Value]) -> Value:
    """One of several types; torch makes int or float a number, with which it does what it does with either."""
    whole = list(types)
    others = [t for t in whole if t != NONE]
    kinds = tuple(dict.fromkeys(others))
    if len(others) == 1 or (len(kinds) == 1 and kinds[0] != UNKNOWN):
        return optional(kinds[0]) if len(others) < len(whole) else kinds[0]
    known = bool(kinds) and all(isinstance(kind, Type) for kind in kinds) and not {INT, FLOAT}.issuperset(kinds)
    inner = Type("Union", kinds) if known else UNKNOWN
    return Type("Optional", (inner,)) if len(others) < len(whole) and kinds else inner


def of_constant(value: object) -> Value:
    """The type of a literal."""
    if value is None:
        return NONE
    return _PLAIN.get(type(value).__name__, UNKNOWN)


def of_attribute(value: Value, is_module) -> Value:
    """What an attribute that a constructor left is to torch; modules stay what they are.

    `is_module` tells the project's nn.Module classes from others.
    """
    if isinstance(value, Const):
        return of_constant(value.value)
    if isinstance(value, Static):
        return _PLAIN.get(value.type or "", DTYPE if value.type == "dtype" else UNKNOWN)
    if isinstance(value, Tensor):
        return TENSOR
    if isinstance(value, Partial):
        return Unscriptable("a functools.partial")
    if isinstance(value, Class):
        return Unscriptable("a class")
    if isinstance(value, Function):
        if value.receiver is not None and "staticmethod" not in decorators(value.node):
            return Unscriptable("a method of an object")
        if not isinstance(value.node, ast.Lambda):
            return value
        return Unscriptable("a lambda", Place(value.module.path, value.node.lineno, "the lambda"))
    if isinstance(value, Instance) and not is_module(value.cls):
        if is_dataclass(value.cls):
            return Unscriptable("a dataclass")
        return UNKNOWN  # torch compiles classes too
    if isinstance(value, Seq) and value.type in ("list", "tuple", "set", "range"):
        return _sequence(value, is_module)
    if isinstance(value, Map) and value.type == "dict":
        return _mapping(value, is_module)
    if isinstance(value, Api) and value.name.startswith("torch.nn.") and value.name.rpartition(".")[2][:1].isupper():
        return Unscriptable("a class")
    return value if isinstance(value, Instance | Layer | Seq | Map | Namespace) else UNKNOWN


def _sequence(value: Seq, is_module) -> Value:
    if value.type in ("set", "range"):
        return Unscriptable(f"a {value.type}")
    if value.items is None:
        return UNKNOWN
    items = [of_attribute(item, is_module) for item in value.items]
    if value.type == "tuple":
        return Type("Tuple", tuple(items)) if all(isinstance(i, Type) for i in items) else UNKNOWN
    if not items:
        return Unscriptable("an empty list, whose element type torch cannot guess")
    if any(isinstance(i, Layer | Instance) for i in items):
        return Unscriptable("a Python list of modules")
    kinds = set(items)
    if _differ(items):
        return Unscriptable("a list of different types")
    return list_of(items[0]) if len(kinds) == 1 and isinstance(items[0], Type) else UNKNOWN


def _differ(items: list[Value]) -> bool:
    """Whether items are of different types, whatever those are of which nothing is known."""
    known = {item for item in items if isinstance(item, Type)}
    return len(known) > 1 and (len(known - {NONE}) > 1 or len(known) == len(set(items)))


def _mapping(value: Map, is_module) -> Value:
    if value.element is not None:
        return UNKNOWN
    items = [of_attribute(item, is_module) for _, item in value.items]
    if not items:
        return Unscriptable("an empty dict, whose types torch cannot guess")
    kinds = set(items)
    if _differ(items):
        return Unscriptable("a dict with values of different types")
    keys = {type(key).__name__ for key, _ in value.items}
    known = len(kinds) == 1 and isinstance(items[0], Type) and len(keys) == 1
    return Type("Dict", (_PLAIN.get(keys.pop(), UNKNOWN), items[0])) if known else UNKNOWN

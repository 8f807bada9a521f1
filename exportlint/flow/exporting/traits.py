"""What the source of a model's class says: does it compute something else while training, has it convolutions?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from exportlint.flow.objects import Classes
from exportlint.source.module import Module
from exportlint.source.project import Defined, External
from exportlint.source.remembered import below

_STATISTICS = re.compile(r"torch\.nn\.(?:Lazy|Sync)?BatchNorm(?:\dd)?$")
_DROPS = re.compile(r"torch\.nn\.(?:(?:Feature)?(?:Alpha)?Dropout\d?d?|RReLU|Transformer(?:\w+Layer)?)$")
_CONVOLUTION = re.compile(r"torch\.nn\.(?:Lazy)?Conv(?:Transpose)?\dd$")
_WITH_DROPOUT = re.compile(r"torch\.nn\.(?:LSTM|GRU|RNN|MultiheadAttention)$")
_KNOWN = ("torch.", "math.", "numpy.", "einops.", "collections.", "functools.", "itertools.", "typing.", "builtins.")
_METHODS = frozenset(
    {"super", "int", "float", "len", "range", "list", "tuple", "dict", "zip", "enumerate", "isinstance"}
)


@dataclass(frozen=True)
class Traits:
    """`sensitive`: what the model computes differently while training, as in ExportCall.

    `convolution`: whether it has one; None where something in it is not known.
    """

    sensitive: str = "nothing"
    convolution: bool | None = False

    def __or__(self, other: Traits) -> Traits:
        sensitive = max(self.sensitive, other.sensitive, key=SENSITIVE.index)
        known = (self.convolution, other.convolution)
        return Traits(sensitive, True if True in known else None if None in known else False)


SENSITIVE = ("nothing", "unknown", "statistics", "dropout")
"""From harmless to worst: batch statistics, which the dynamo exporter leaves alone, and dropout, which it writes."""

UNKNOWN = Traits("unknown", None)


def united(parts: Iterable[Traits]) -> Traits:
    """The traits of a model that holds some parts."""
    whole = Traits()
    for part in parts:
        whole = whole | part
    return whole


def of_layer(name: str, call: ast.Call | None) -> Traits:
    """The traits of one of torch's layers, given its constructor's call."""
    if _STATISTICS.match(name):
        return Traits("statistics")
    if _DROPS.match(name):
        return Traits("nothing" if call is not None and _is_zero(call.args, call.keywords) else "dropout")
    if _WITH_DROPOUT.match(name):
        given = call is not None and [k for k in call.keywords if k.arg == "dropout"]
        return Traits("dropout" if given and not _is_zero([], given) else "nothing")
    return Traits("nothing", bool(_CONVOLUTION.match(name)))


def _is_zero(args: list[ast.expr], keywords: list[ast.keyword]) -> bool:
    """Whether dropout never drops: its probability is a literal zero."""
    values = args[:1] + [k.value for k in keywords if k.arg in ("p", "dropout")]
    return any(isinstance(v, ast.Constant) and v.value == 0 for v in values)


class ClassTraits:
    """The traits of the project's classes, computed once each."""

    def __init__(self, classes: Classes) -> None:
        self.classes = classes
        self._known: dict[ast.AST, Traits] = {}

    def of(self, cls: Defined) -> Traits:
        """The traits of a model of this class, from its own source and that of the project's parts it is built of."""
        own, foreign = self.classes.order(cls)
        traits = united(self._definition(part) for part in own)
        outside = [name for name in foreign if not name.startswith("torch.")]
        return traits | UNKNOWN if outside else traits

    def _definition(self, defined: Defined) -> Traits:
        if defined.node not in self._known:
            self._known[defined.node] = Traits()  # what it says of itself adds nothing
            self._known[defined.node] = united(self._node(defined.module, node) for node in _telling(defined.node))
        return self._known[defined.node]

    def _node(self, module: Module, node: ast.AST) -> Traits:
        if isinstance(node, ast.Attribute) and node.attr == "training" and isinstance(node.value, ast.Name):
            return Traits("dropout" if node.value.id == "self" else "nothing")
        if not isinstance(node, ast.Call):
            return Traits()
        name = dotted(node.func)
        if not name or name.startswith(("self.", "cls.")):
            return Traits()
        found = self.classes.project.resolve(module, name)
        if isinstance(found, Defined):
            return self.of(found) if self._is_module(found) else self._definition(found)
        if isinstance(found, External):
            return of_layer(found.name, node) if found.name.startswith(_KNOWN) else UNKNOWN
        # A method of a local object makes no layer; a class that came in as a parameter may.
        return UNKNOWN if "." not in name and name not in _METHODS and found is None else Traits()

    def _is_module(self, found: Defined) -> bool:
        return isinstance(found.node, ast.ClassDef) and self.classes.is_module(found)


def _telling(definition: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a definition that say anything of its traits."""
    return (node for node in below(definition) if type(node) in (ast.Call, ast.Attribute))


def dotted(node: ast.AST) -> str:
    """A name or a chain of attributes as text; "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *parts]) if isinstance(node, ast.Name) else ""

"""Methods of Python's own types, on kinds of value."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.arguments import Arguments
from exportlint.flow.arithmetic import dimension
from exportlint.flow.joins import join, member
from exportlint.flow.values import NONE, UNKNOWN, Array, Const, Dim, Map, Number, Seq, Shape, Static, Value, const

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame


def method(frame: Frame, node: ast.AST, receiver: Value, name: str, given: Arguments) -> Value:
    """The kind that a method of a Python value returns."""
    if isinstance(receiver, Map):
        return _of_map(receiver, name, given)
    if isinstance(receiver, Seq):
        return _of_sequence(receiver, name)
    if isinstance(receiver, Shape):
        return Dim((), receiver.declared, bool(receiver.ragged), False) if name == "numel" else UNKNOWN
    if isinstance(receiver, Array):
        return Number("float", receiver.depends, receiver.sure, None, "numpy") if name == "item" else receiver
    if isinstance(receiver, Number):
        return receiver
    if isinstance(receiver, Static) and receiver.type == "str":
        if name in ("startswith", "endswith", "isdigit", "isidentifier"):
            return Static("bool")
        return (
            Seq("list", None, Static("str"))
            if name in ("split", "rsplit", "splitlines", "partition")
            else Static("str")
        )
    return UNKNOWN


def _of_map(receiver: Map, name: str, given: Arguments) -> Value:
    if name == "items":
        pairs = [Seq("tuple", (const(k) if isinstance(k, str | int) else UNKNOWN, v)) for k, v in receiver.items]
        if receiver.element is None and pairs:
            return Seq("list", tuple(pairs))
        return Seq("list", None, Seq("tuple", (Static("str"), member(receiver))))
    if name == "values":
        return Seq("list", None, member(receiver))
    if name == "keys":
        return Seq("list", None, Static("str"))
    if name in ("get", "pop", "setdefault") and given.args:
        key = given.args[0]
        known = receiver.get(key.value) if isinstance(key, Const) else None
        otherwise = given.args[1] if len(given.args) > 1 else NONE
        if known is not None:
            return known
        if isinstance(key, Const) and receiver.element is None:
            return otherwise
        return join(member(receiver), otherwise) if receiver.items or receiver.element else otherwise
    return receiver if name == "copy" else UNKNOWN


def _of_sequence(receiver: Seq, name: str) -> Value:
    if name in ("pop", "popleft"):
        return member(receiver)
    if name == "numel":
        sizes = [v for v in receiver.items or () if isinstance(v, Dim)]
        return dimension(sizes) if sizes else Static("int")
    if name in ("index", "count"):
        return Static("int")
    return receiver if name in ("copy", "children", "modules") else UNKNOWN

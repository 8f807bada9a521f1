"""Reads the generated table of what torch's functions, methods and layers return."""

from __future__ import annotations

from dataclasses import replace

from exportlint.data import torch_returns
from exportlint.flow.arguments import Arguments
from exportlint.flow.ragged import Ragged
from exportlint.flow.values import (
    NONE,
    UNKNOWN,
    Array,
    Const,
    DataType,
    Number,
    Seq,
    Static,
    Tensor,
    Value,
    options,
)


def kind_of(name: str, given: Arguments) -> str | None:
    """The table's word for a call: its first condition that holds decides ("tensor;dim->tensors:2:values,indices")."""
    entry = torch_returns().get(name)
    if entry is None:
        return None
    plain, *conditions = entry.split(";")
    for condition in conditions:
        test, _, kind = condition.partition("->")
        if _holds(test, name, given):
            return kind
    return plain


def _holds(test: str, name: str, given: Arguments) -> bool:
    if test == "*tensors":
        return len(given.args) > 1 or isinstance(given.args[0] if given.args else None, Seq)
    argument, _, wanted = test.partition("=")
    value = given.kwargs.get(argument)
    if value is None and argument in ("dim", "dtype", "input", "repeats", "tensors", "num_classes"):
        value = _positional(argument, name, given)
    if not wanted:
        return value is not None and value != NONE and not (argument == "dim" and _is_tensor(value))
    if wanted == "tensor":
        return value is not None and _is_tensor(value)
    return isinstance(value, Const) and str(value.value) == wanted


def _positional(argument: str, name: str, given: Arguments) -> Value | None:
    """These stand first in a method's arguments and second in a function's."""
    if argument == "tensors":
        return given.args[0] if given.args and isinstance(given.args[0], Seq) else None
    position = 0 if name.startswith("torch.Tensor.") else 1
    return given.args[position] if len(given.args) > position else None


def _is_tensor(value: Value) -> bool:
    return any(isinstance(option, Tensor) for option in options(value))


def value_of(kind: str, like: Tensor, selected: Ragged = (0,)) -> Value:
    """The value that a word of the table stands for; `like` lends dependence, sureness and whether sizes are ragged.

    `selected`: the axis whose size the operation makes depend on values, where the word says that it does.
    """
    word, _, ragged = kind.partition("!")
    base, _, detail = word.partition(":")
    tensor = Tensor(like.depends, like.sure, None, None, None, selected if ragged else like.ragged)
    if base == "tensor":
        dtype = {"int": "int64"}.get(detail, detail) or like.dtype
        return Tensor(tensor.depends, tensor.sure, None, dtype, None, tensor.ragged)
    if base == "tensors":
        count, _, names = detail.partition(":")
        if count.isdigit():
            fields = tuple(names.split(",")) if names else ()
            members = [replace(tensor, dtype="int64" if name == "indices" else None) for name in fields]
            return Seq("tuple", tuple(members) or (tensor,) * int(count), names=fields)
        return Seq("tuple", None, tensor)
    if base == "tuple":
        return Seq("tuple", tuple(value_of(part.replace("+", ","), like, selected) for part in _parts(detail)))
    if base == "numpy":
        return Array(like.depends, like.sure)
    return {
        "bool": Number("bool", like.depends, like.sure) if detail == "data" else Static("bool"),
        "none": NONE,
        "dtype": Static("dtype"),
        "device": Static("device"),
        "int": Static("int"),
        "static": Static(),
    }.get(base, UNKNOWN)


def _parts(detail: str) -> list[str]:
    """`tensor,tensors:2` -> its members; none of them names fields."""
    return detail.split(",")


def plain(value: Value) -> object:
    """The Python value that a kind is known to be, else None; tuples of them too; "torch.int64" for a dtype."""
    if isinstance(value, Const) and isinstance(value.value, bool | int | float | str):
        return value.value
    if isinstance(value, DataType):
        return f"torch.{value.name}"
    if isinstance(value, Seq) and value.items is not None and value.type in ("tuple", "list", "Size"):
        members = tuple(plain(item) for item in value.items)
        return members if all(m is not None for m in members) else None
    return None

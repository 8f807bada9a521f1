"""Inputs written as text: `float32[batch, 3, h=224, w=224]`, `int64[batch, 16] < 1000`. Standard library only.

A name is a dynamic dimension; `name=size` gives the size to export with, otherwise each new name gets the next of
2, 3, 5, 7, ... so that no two names can be mistaken for one another. Whole numbers are drawn from 0 up to the bound
after `<`, which is 2 where none is given: valid for most embeddings, and worth replacing by the real one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_FLOATS = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")
_WHOLE = ("int8", "int16", "int32", "int64", "uint8")
DTYPES = (*_FLOATS, *_WHOLE, "bool")
_TEXT = re.compile(r"\s*(?P<dtype>[a-z]+\d*)\s*\[(?P<dims>[^\]]*)\]\s*(?:<\s*(?P<bound>\d+)\s*)?")
_DIM = re.compile(r"(?P<size>\d+)|(?P<name>[A-Za-z_]\w*)(?:\s*=\s*(?P<example>\d+))?")
_SIZES = (2, 3, 5, 7, 11, 13, 17, 19, 23)


class ShapeError(ValueError):
    """The text is no shape; the message says what is wrong with it."""


@dataclass(frozen=True)
class Shape:
    """A tensor to make: its dtype by name, its sizes, `bound` for whole numbers, and axis -> name where dynamic."""

    dtype: str
    sizes: tuple[int, ...]
    bound: int | None
    dynamic: Mapping[int, str] = field(hash=False)


def parse_shapes(texts: Mapping[str, str]) -> dict[str, Shape]:
    """Shapes by input name; a dimension's name means the same size in every input. Raises ShapeError."""
    sizes: dict[str, int] = {}
    for name, text in texts.items():
        for dim in _dims(name, text):
            if dim["name"] and dim["example"]:
                given = int(dim["example"])
                if sizes.setdefault(dim["name"], given) != given:
                    raise ShapeError(f'inputs.{name}: "{dim["name"]}" has two sizes, {sizes[dim["name"]]} and {given}')
    unused = (size for size in _SIZES if size not in sizes.values())
    return {name: _shape(name, text, sizes, unused) for name, text in texts.items()}


def _match(name: str, text: str) -> re.Match[str]:
    match = _TEXT.fullmatch(text)
    if not match or match["dtype"] not in DTYPES:
        raise ShapeError(
            f'inputs.{name}: "{text}" is no shape such as "float32[batch, 3, 224, 224]" or "int64[batch, 16] < 1000"'
        )
    if match["bound"] and (match["dtype"] not in _WHOLE or match["bound"] == "0"):
        raise ShapeError(f'inputs.{name}: "{text}": a bound is for whole numbers, and at least 1')
    return match


def _dims(name: str, text: str) -> list[re.Match[str]]:
    words = [word.strip() for word in _match(name, text)["dims"].split(",")]
    words = words[:-1] if words[-1] == "" else words
    found = [_DIM.fullmatch(word) for word in words]
    for word, dim in zip(words, found, strict=True):
        if dim is None:
            raise ShapeError(f'inputs.{name}: "{word}" is neither a size, a name nor name=size')
    return [dim for dim in found if dim]


def _shape(name: str, text: str, sizes: dict[str, int], unused) -> Shape:
    match, dims = _match(name, text), _dims(name, text)
    for dim in dims:
        if dim["name"] and dim["name"] not in sizes:
            sizes[dim["name"]] = next(unused, 29)
    shape = tuple(int(dim["size"]) if dim["size"] else sizes[dim["name"]] for dim in dims)
    dynamic = {axis: dim["name"] for axis, dim in enumerate(dims) if dim["name"]}
    bound = int(match["bound"]) if match["bound"] else (2 if match["dtype"] in _WHOLE else None)
    return Shape(match["dtype"], shape, bound, dynamic)


def written(shape: Shape) -> str:
    """The text of a shape; a dynamic dimension stands by its name alone where that gives it the same size again."""
    unused = iter(_SIZES)
    sizes: dict[str, int] = {}
    dims = []
    for axis, size in enumerate(shape.sizes):
        name = shape.dynamic.get(axis)
        if name is not None and name not in sizes:
            sizes[name] = next(unused, 29)
        dims.append(str(size) if name is None else name if sizes[name] == size else f"{name}={size}")
    bound = f" < {shape.bound}" if shape.bound is not None else ""
    return f"{shape.dtype}[{', '.join(dims)}]{bound}"

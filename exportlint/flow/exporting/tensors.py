"""Making tensors and arrays: example inputs."""

from __future__ import annotations

import ast
from dataclasses import replace

from exportlint.flow.exporting.events import Example
from exportlint.flow.exporting.given import Given
from exportlint.flow.exporting.things import Const, Outside, Seq, Tensor, Value, number_of, text_of
from exportlint.flow.exporting.walk import Frame

_SIZED = frozenset("randn rand zeros ones empty".split())
_LIKE = frozenset("randn_like rand_like zeros_like ones_like empty_like full_like".split())
_NUMPY_RANDOM = frozenset("randn rand standard_normal random random_sample".split())
_FLOAT64 = frozenset("zeros ones empty full".split())
DTYPES = {
    "float": "float64",
    "double": "float64",
    "half": "float16",
    "long": "int64",
    "int": "int32",
    "single": "float32",
}
"""Other names of dtypes, torch's own where the libraries differ."""


def call(frame: Frame, node: ast.Call, name: str, given: Given, used: bool) -> Value | None:
    """What a function outside the project makes, where that is a tensor or an array whose sizes are written out."""
    library, _, short = name.partition(".")
    example: Example | None = None
    if library == "torch" and short in ("from_numpy", "as_tensor", "tensor", "asarray"):
        return _converted(frame, node, given, short)
    if library == "torch" and short in _SIZED:
        example = _described(frame, node, given, "float32", _sizes(given), False)
    elif library == "torch" and short == "full":
        example = _described(frame, node, given, None, _one_argument(given, 0), False)
    elif library == "torch" and short in _LIKE:
        return _alike(frame, node, given)
    elif library == "torch" and short == "randint":
        places = [i for i, (_, value) in enumerate(given.args) if isinstance(value, Seq)]
        size = given.get("size") or (given.args[places[0]][1] if places else None)
        example = _described(frame, node, given, "int64", _shape(size), False)
    elif library == "numpy" and short.removeprefix("random.") in _NUMPY_RANDOM and short.startswith("random."):
        example = _described(frame, node, given, "float64", _sizes(given), True)
    elif library == "numpy" and short in _FLOAT64:
        full = short == "full"
        shape = _one_argument(given, 0)
        example = _described(frame, node, given, None if full else "float64", shape, True, 2 if full else 1)
    if example is None:
        return None
    made = frame.make(node, "tensor")
    frame.state.facts[made] = Tensor(example, made)
    return made


def _described(
    frame: Frame,
    node: ast.Call,
    given: Given,
    dtype: str | None,
    shape: tuple | None,
    array: bool,
    dtype_at: int | None = None,
) -> Example:
    named = given.get("dtype", dtype_at)
    device = device_of(given.get("device")) if not array else "cpu"
    if given.get("device") is None:
        device = "cpu"
    known = dtype if named is None else dtype_of(named)
    return Example(shape, known, device, array, frame.module.source(node, 60))


def _sizes(given: Given) -> tuple[int | None, ...] | None:
    size = given.get("size")
    if size is not None:
        return _shape(size)
    if len(given.args) == 1 and not isinstance(given.args[0][1], Const):
        return _shape(given.args[0][1])
    return None if given.open else tuple(number_of(value) for _, value in given.args)


def _one_argument(given: Given, position: int) -> tuple[int | None, ...] | None:
    return _shape(given.get("size", position) or given.get("shape", position))


def _shape(value: Value | None) -> tuple[int | None, ...] | None:
    if isinstance(value, Seq):
        return tuple(number_of(item) for item in value.items)
    size = number_of(value)
    return (size,) if size is not None else None


def dtype_of(value: Value | None) -> str | None:
    """The dtype that an argument names: torch.float16, np.float32, "float32"."""
    word = value.name.rpartition(".")[2] if isinstance(value, Outside) else text_of(value)
    if word is None or (isinstance(value, Outside) and not value.name.startswith(("torch.", "numpy.", "builtins."))):
        return None
    if isinstance(value, Outside) and value.name == "torch.float":
        return "float32"
    return DTYPES.get(word, word)


def device_of(value: Value | None) -> str | None:
    """The kind of device that an argument names: "cpu", "cuda"."""
    word = text_of(value)
    return word.partition(":")[0] if word is not None else None


def _converted(frame: Frame, node: ast.Call, given: Given, short: str) -> Value | None:
    """A tensor with the numbers of an array."""
    if not given.args:
        return None
    source = given.args[0][1]
    fact = frame.state.facts.get(source)
    made = frame.make(node, "tensor")
    if isinstance(fact, Tensor):
        dtype = given.get("dtype")
        example = replace(fact.example, array=False, dtype=dtype_of(dtype) if dtype else fact.example.dtype)
        if given.get("device") is not None:
            example = replace(example, device=device_of(given.get("device")))
        frame.state.facts[made] = Tensor(example, fact.origin)
    elif fact is not None:
        frame.state.facts[made] = fact
    return made


def _alike(frame: Frame, node: ast.Call, given: Given) -> Value | None:
    fact = frame.state.facts.get(given.args[0][1]) if given.args else None
    if not isinstance(fact, Tensor):
        return None
    made = frame.make(node, "tensor")
    dtype = dtype_of(given.get("dtype")) if given.get("dtype") else fact.example.dtype
    text = frame.module.source(node, 60)
    frame.state.facts[made] = Tensor(replace(fact.example, dtype=dtype, made=text), made)
    return made

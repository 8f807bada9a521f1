"""Which dtype a result has, where it follows from the arguments; None wherever it does not surely.

The rules are those of torch's type promotion (https://docs.pytorch.org/docs/stable/tensor_attributes.html).
"""

from __future__ import annotations

from exportlint.flow.arguments import Arguments
from exportlint.flow.values import Const, DataType, Dim, Number, Seq, Static, Tensor, Value, options

_ALIASES = {
    "bool": "bool",
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "long": "int64",
    "int": "int32",
    "short": "int16",
    "cfloat": "complex64",
    "cdouble": "complex128",
}
_CASTS = {**_ALIASES, "bfloat16": "bfloat16", "char": "int8", "byte": "uint8"}
_CLASSES = ("bool", "int", "float", "complex")
_KEEP = frozenset(
    "abs clamp clamp_max clamp_min clip clone contiguous cpu cuda detach diagonal expand expand_as flatten flip gather "
    "index_select masked_fill masked_fill_ masked_select movedim narrow neg permute relu repeat repeat_interleave "
    "requires_grad_ reshape roll select squeeze swapaxes t tile transpose tril triu unflatten unsqueeze view view_as "
    "unfold take_along_dim index_put scatter scatter_add fill_ zero_ clamp_ add_ sub_ mul_ "
    "copy_ bitwise_not pad".split()
)
_LIKE = frozenset("zeros_like ones_like empty_like full_like rand_like randn_like new_zeros new_ones new_empty".split())
_FLOATING = frozenset(
    "exp log sqrt rsqrt sin cos tan tanh sigmoid softmax log_softmax erf mean std var reciprocal atan asin acos sinh "
    "cosh log1p log2 log10 expm1 true_divide".split()
)
_SUMS = frozenset("sum prod cumsum cumprod".split())
_DEFAULT_FLOAT = frozenset("zeros ones empty rand randn eye linspace logspace hann_window".split())
_OF_TWO = frozenset(
    "add sub mul remainder fmod floor_divide maximum minimum bitwise_and bitwise_or bitwise_xor matmul mm bmm".split()
)


def canonical(name: str) -> str:
    """ "int64" for "long": torch's aliases of its dtypes."""
    return _ALIASES.get(name, name)


def of_literal(value: Value | None) -> str | None:
    """What `torch.tensor(value)` has: int64 for ints, float32 for floats, the strongest in a list."""
    if isinstance(value, Tensor):
        return value.dtype
    if isinstance(value, Dim):
        return "int64"
    if isinstance(value, Seq) and value.type in ("list", "tuple"):
        members = [of_literal(item) for item in value.items] if value.items else [of_literal(value.element)]
        return None if None in members else max(members, key=_class_of)
    word = value.type if isinstance(value, Static | Number) else None
    return {"bool": "bool", "int": "int64", "float": "float32"}.get(word or "")


def promoted(one: Value, other: Value, name: str = "") -> str | None:
    """Of an operation on two values, one of them a tensor; `name` as in "operator.truediv", which gives floats."""
    found = _common(one, other)
    if name == "truediv" and found is not None and _class_of(found) < _CLASSES.index("float"):
        return "float32"
    return found


def _common(one: Value, other: Value) -> str | None:
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        if one.dtype is None or other.dtype is None or one.dtype == other.dtype:
            return one.dtype if one.dtype == other.dtype else None
        classes = _class_of(one.dtype), _class_of(other.dtype)
        return None if classes[0] == classes[1] else max(one, other, key=lambda tensor: _class_of(tensor.dtype)).dtype
    tensor, number = (one, other) if isinstance(one, Tensor) else (other, one)
    scalar = of_literal(number)
    if tensor.dtype is None or (scalar is None and _class_of(tensor.dtype) < _CLASSES.index("float")):
        return None
    return scalar if scalar and _class_of(scalar) > _class_of(tensor.dtype) else tensor.dtype


def of_operator(name: str, receiver: Tensor | None, given: Arguments, inputs: list[Tensor]) -> str | None:
    """Of a function or method that gives a tensor."""
    short = name.rpartition(".")[2]
    asked = given.kwargs.get("dtype")
    if asked is not None and not (isinstance(asked, Const) and asked.value is None):
        return asked.name if isinstance(asked, DataType) else None
    if short in ("to", "type", "type_as") and receiver is not None:
        return _converted(receiver, given)
    if receiver is not None and short in _CASTS:
        return _CASTS[short]
    if receiver is None and (made := _made(short, given)) is not None:
        return made
    if not inputs:
        return None
    first = inputs[0]
    if short in _KEEP or short in _LIKE:
        return first.dtype
    if short in ("cat", "concat", "stack") and len({tensor.dtype for tensor in inputs}) == 1:
        return first.dtype
    whole = first.dtype is not None and _class_of(first.dtype) < _CLASSES.index("float")
    if short in _FLOATING:
        return "float32" if whole else first.dtype
    if short in _SUMS:
        return "int64" if whole else first.dtype
    values = (receiver, *given.args) if receiver is not None else given.args
    if short in _OF_TWO and len(values) > 1 and any(isinstance(value, Tensor) for value in values[:2]):
        return promoted(values[0], values[1])
    if short == "where" and len(values) == 3:
        one, other = values[1:] if receiver is None else (values[0], values[2])
        return promoted(one, other) if isinstance(one, Tensor) or isinstance(other, Tensor) else None
    return None


def _converted(receiver: Tensor, given: Arguments) -> str | None:
    for value in given.args:
        if isinstance(value, DataType):
            return value.name
        if isinstance(value, Tensor):
            return value.dtype
        if not all(isinstance(kind, Static) and kind.type in ("str", "device", "bool") for kind in options(value)):
            return None
    return receiver.dtype if not given.open_kwargs and given.open_args is None else None


def _made(short: str, given: Arguments) -> str | None:
    """Of a function that makes a tensor of sizes and numbers."""
    if given.open_kwargs:
        return None
    if short in _DEFAULT_FLOAT:
        return "float32"
    if short in ("randint", "randperm", "tril_indices", "triu_indices"):
        return "int64"
    if short == "full":
        return of_literal(given.get("fill_value", 1))
    if short == "arange":
        bounds = [*given.args, *(value for key, value in given.kwargs.items() if key in ("start", "end", "step"))]
        known = [dtype for value in bounds if (dtype := of_literal(value))]
        return max(known, key=_class_of) if known and len(known) == len(bounds) else None
    return None


def _class_of(dtype: str) -> int:
    """Where a dtype stands in bool, int, float, complex."""
    word = dtype.rstrip("0123456789_enmfuz")
    return _CLASSES.index({"uint": "int", "u": "int", "bfloat": "float", "i": "int"}.get(word, word))

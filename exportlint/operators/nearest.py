"""Which measured calls are most like the one in the source."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from exportlint.operators.names import NUMBER, TENSOR, UNKNOWN
from exportlint.operators.table import Row

# How unlike two values of one argument are. A word, a flag or None chooses another computation, as does giving the
# argument at all; a number mostly scales the same one. A value that is not known is more likely some number or the
# default than some word, and seldom negative or several.
_OTHER_WORD, _OTHER_KIND, _OTHER_NUMBER = 4.0, 3.0, 1.0
_PERHAPS_NUMBER, _PERHAPS_OTHER, _PERHAPS_DEFAULT, _PERHAPS_WORD = 0.5, 0.75, 1.0, 1.5
# Where nothing says what the input is: rows with a batch of float32 speak first, then those of another rank; scalars
# and other dtypes only when their arguments are nearer by more than a number.
_ODD, _SCALAR, _OTHER_DTYPE = 0.25, 0.95, 0.95
_ABSENT = object()


def nearest(rows: Sequence[Row], arguments: Mapping[str, object]) -> list[Row]:
    """The rows nearest to a call with these arguments (in normal form), all that are equally near, in their order."""
    measured = [(distance(row.arguments, arguments), row) for row in rows]
    least = min((far for far, _ in measured), default=0.0)
    return [row for far, row in measured if math.isclose(far, least)]


def distance(measured: Mapping[str, object], asked: Mapping[str, object]) -> float:
    """0 for the same call; grows with each argument that differs.

    Keys with "@" describe the first input: @rank its dimensions, @dtype where it is not float32, @odd where models
    seldom have such a rank. A call is asked about without them when they are not known.
    """
    total = _of_input(measured, asked)
    for key in {**measured, **asked}:
        if not key.startswith("@"):
            one, other = measured.get(key, _ABSENT), asked.get(key, _ABSENT)
            is_axis = "dim" in key.split("|") and _is_number(one) and _is_number(other)
            apart = _OTHER_NUMBER if is_axis and _is_scalar(measured, asked) else _apart(one, other)
            total += apart / 2 if is_axis else apart
    return total


def _is_scalar(measured: Mapping[str, object], asked: Mapping[str, object]) -> bool:
    """Whether a row measured a scalar, whose only axis says nothing, and nobody asked for one."""
    return measured.get("@rank") == 0 and "@rank" not in asked


def _of_input(measured: Mapping[str, object], asked: Mapping[str, object]) -> float:
    if "@rank" in asked:
        total = _OTHER_NUMBER if asked["@rank"] != measured.get("@rank") else 0.0
    else:
        scalar = _SCALAR * (2 if "@dtype" in asked else 1)  # of other dtypes there are few rows, and some scalars only
        total = scalar if measured.get("@rank") == 0 else _ODD if "@odd" in measured else 0.0
    measured_dtype = measured.get("@dtype", "float32")
    if "@dtype" in asked:
        return total + _dtypes_apart(measured_dtype, asked["@dtype"])
    return total + (_OTHER_DTYPE if measured_dtype != "float32" else 0.0)


def _dtypes_apart(one: str, other: str) -> float:
    """0 for the same, little within a class (int32, int64); bools and complex numbers are further from all others."""
    if one == other:
        return 0.0
    classes = {_dtype_class(one), _dtype_class(other)}
    if len(classes) == 1:
        return _OTHER_NUMBER / 2
    return _OTHER_NUMBER * 2 if classes == {"int", "float"} else _OTHER_KIND


def _dtype_class(dtype: str) -> str:
    word = dtype.rstrip("0123456789")
    return {"uint": "int", "bfloat": "float"}.get(word, word)


def _apart(one: object, other: object) -> float:
    if other is UNKNOWN:
        return _perhaps(one)
    if other is NUMBER:
        return _perhaps(one) if _is_number(one) or one is _ABSENT else _OTHER_KIND
    if one is _ABSENT or other is _ABSENT:
        return _OTHER_WORD
    if type(one) is type(other) and one == other:
        return 0.0
    if one == TENSOR:
        return _OTHER_KIND
    if _is_number(one) and _is_number(other):
        same_sign = (one > 0) == (other > 0) and (one == 0) == (other == 0)
        return (0.0 if one == other else _OTHER_NUMBER) + (0.0 if same_sign else _OTHER_NUMBER)
    if isinstance(one, tuple) and isinstance(other, tuple):
        if len(one) != len(other):
            return _OTHER_KIND
        return max((_apart(a, b) for a, b in zip(one, other, strict=True)), default=0.0)
    if isinstance(one, tuple) and _is_number(other) and one:
        return _OTHER_NUMBER / 2 + max(_apart(member, other) for member in one)
    if isinstance(other, tuple) and _is_number(one) and other:
        return _OTHER_NUMBER / 2 + max(_apart(one, member) for member in other)
    return _OTHER_WORD if isinstance(one, str | bool | None) and isinstance(other, str | bool | None) else _OTHER_KIND


def _perhaps(one: object) -> float:
    """How unlike a measured value is to one that is not known."""
    if one is _ABSENT:
        return _PERHAPS_DEFAULT
    if one == TENSOR:
        return 0.0
    if isinstance(one, str | bool | None):
        return _PERHAPS_WORD
    return _PERHAPS_NUMBER if _is_number(one) and one >= 0 else _PERHAPS_OTHER


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

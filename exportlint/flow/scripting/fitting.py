"""Which types go together: what a value may be used as, and what one is that two branches leave."""

from __future__ import annotations

from exportlint.flow.scripting.types import (
    BOOL,
    DEVICE,
    DTYPE,
    FLOAT,
    INT,
    NONE,
    SCALAR,
    TENSOR,
    Type,
    is_bare,
    optional,
)
from exportlint.flow.values import UNKNOWN, Value


def fits(wanted: Value, given: Value) -> bool | None:
    """Whether torch takes a value for a parameter, a variable or a result of a type; None where that is not known."""
    if not isinstance(wanted, Type) or given == UNKNOWN or wanted.name in ("Any", "dtype", "device"):
        return None
    if not isinstance(given, Type) or given == SCALAR or wanted == SCALAR:
        return None
    if wanted == given:
        return True
    if is_bare(wanted) or is_bare(given):
        return None
    if "Union" in (wanted.name, given.name):
        return _fits_union(wanted, given)
    if wanted.name == "Optional":
        return given == NONE or fits(wanted.args[0], given.args[0] if given.name == "Optional" else given)
    if given.name == "Optional" or given == NONE or wanted == NONE:
        return False
    if given == TENSOR and wanted in (INT, FLOAT):
        return True  # an implicit conversion
    if wanted == INT and given in (BOOL, DTYPE):
        return True
    if wanted.name == "List" and given.name == "Tuple" and wanted.args:
        return False if any(fits(wanted.args[0], one) is False for one in given.args) else None
    if wanted.name == given.name == "Tuple":
        parts = list(zip(wanted.args, given.args, strict=False))
        return False if len(wanted.args) != len(given.args) or any(fits(*p) is False for p in parts) else None
    if wanted.name == given.name == "List" and wanted.args and given.args:
        return False if given.args[0] != TENSOR and fits(wanted.args[0], given.args[0]) is False else None
    if wanted.name == given.name:
        return None
    return False if DTYPE not in (wanted, given) and DEVICE not in (wanted, given) else None


def _fits_union(wanted: Type, given: Type) -> bool | None:
    """One of several types converts to none of them; what fits one of them may be any."""
    if wanted.name == "Optional":
        return fits(wanted.args[0], given)
    if wanted.name != "Union":
        return False
    if given.name == "Union":
        return set(given.args) <= set(wanted.args)
    return False if all(fits(one, given) is False for one in wanted.args) else None


def joined(one: Value, other: Value) -> Value | None:
    """What a variable or result is that has either type; None when torch says they mismatch."""
    if one == other:
        return one
    if one == UNKNOWN or other == UNKNOWN or not isinstance(one, Type) or not isinstance(other, Type):
        return UNKNOWN
    if NONE in (one, other):
        return optional(other if one == NONE else one)
    if is_bare(one) or is_bare(other):
        return UNKNOWN
    if "Union" in (one.name, other.name):
        union, member = (one, other) if one.name == "Union" else (other, one)
        return union if member in union.args else UNKNOWN
    if "Optional" in (one.name, other.name):
        inner = [t.args[0] if t.name == "Optional" else t for t in (one, other)]
        both = joined(*inner)
        return None if both is None else optional(both)
    if one.name != other.name:
        return UNKNOWN if {DTYPE, DEVICE, SCALAR} & {one, other} else None
    if one.name == "Tuple" and len(one.args) == len(other.args):
        parts = [joined(a, b) for a, b in zip(one.args, other.args, strict=True)]
        return UNKNOWN if None in parts else Type("Tuple", tuple(parts))
    if one.name == "Tuple":
        return None if one.args and other.args else UNKNOWN
    return UNKNOWN

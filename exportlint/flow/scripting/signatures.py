"""Whether torch's own functions take the arguments of a call: the schemas of the compiler against the types given.

Follows torch/csrc/jit/frontend/schema_matching.cpp: a tensor becomes a number, a tuple a list and one number a list
of a fixed length, but an int never a float; several positional arguments make one list where that is the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from exportlint.data import script_signatures
from exportlint.flow.scripting.types import BOOL, FLOAT, INT, NONE, SCALAR, STR, TENSOR, Type
from exportlint.flow.values import Value

_PLAIN = {"Tensor": TENSOR, "int": INT, "float": FLOAT, "bool": BOOL, "str": STR}
_KNOWN = frozenset(_PLAIN) | {"Scalar", "Device"}
_CONVERTED = {(kind, value) for kind in ("int", "float") for value in (TENSOR, SCALAR)} | {("Device", STR)}
_NUMBERS = (INT, FLOAT, BOOL, TENSOR, SCALAR)


@dataclass(frozen=True)
class Slot:
    """A parameter: its type with "[]", "[2]" and "?" behind it, and whether it has a default or needs its name."""

    name: str
    kind: str
    has_default: bool
    by_keyword: bool


@cache
def overloads(name: str) -> tuple[tuple[Slot, ...], ...]:
    """What a function or method of torch declares; empty where that is not known."""
    return tuple(_parsed(text) for text in script_signatures().get(name, ()))


def _parsed(text: str) -> tuple[Slot, ...]:
    slots: list[Slot] = []
    by_keyword = False
    for word in text.split(", ") if text else ():
        if word == "*":
            by_keyword = True
            continue
        kind, _, name = word.partition(" ")
        slots.append(Slot(name.rstrip("="), kind, name.endswith("="), by_keyword))
    return tuple(slots)


def objection(name: str, given: Sequence[Value], keywords: Mapping[str, Value]) -> tuple[str, Value | None] | None:
    """What none of the overloads takes: the name of the parameter and the type given, which is None for a missing or
    surplus argument. None where some overload may take the call."""
    known = overloads(name)
    if known and keywords.get("out") == NONE:  # the variants with `out` want a tensor
        return "out", NONE
    if not known or "out" in keywords:
        return None
    objections = [_objection(slots, list(given), dict(keywords)) for slots in known]
    if None in objections:
        return None
    names = {slot.name for slots in known for slot in slots}
    unknown = next((k for k in keywords if k not in names), None)
    if unknown is not None:
        return unknown, None
    return max((o for o in objections if o is not None), key=lambda one: one.rank)[1:]


class Objection(NamedTuple):
    """Where one overload ends: the overload with the highest rank is the one that was meant."""

    rank: tuple[bool, bool, int]
    name: str
    value: Value | None


def _objection(slots: tuple[Slot, ...], given: list[Value], keywords: dict[str, Value]) -> Objection | None:
    knows = keywords.keys() <= {slot.name for slot in slots}
    for index, slot in enumerate(slots):
        if given and not slot.by_keyword:
            last = index + 1 == len(slots) or slots[index + 1].by_keyword
            if last and _takes_several(slot.kind, given):
                wrong = next((value for value in given if not _takes_element(_element(slot.kind), value)), None)
                given = []
            else:
                value = given.pop(0)
                wrong = None if takes(slot.kind, value) else value
        elif slot.name in keywords:
            value = keywords.pop(slot.name)
            wrong = None if takes(slot.kind, value) else value
        elif slot.has_default:
            continue
        else:
            return Objection((knows, False, index), slot.name, None)
        if wrong is not None:
            return Objection((knows, True, 2 * index + slot.kind.endswith("]")), slot.name, wrong)
    surplus = "" if given else next(iter(keywords), None)
    return None if surplus is None else Objection((knows, False, 2 * len(slots)), surplus, None)


def _takes_several(kind: str, given: list[Value]) -> bool:
    """Whether what is left of the positional arguments makes one list: of a list with a fixed length it does not."""
    if not kind.rstrip("?").endswith("[]"):
        return False
    return len(given) > 1 or (isinstance(given[0], Type) and given[0].name not in ("List", "Tuple", "None", "Optional"))


def _element(kind: str) -> str:
    return kind.rstrip("?").partition("[")[0]


def takes(kind: str, value: Value) -> bool:
    """Whether a parameter of a type may take a value; what is not known may be anything."""
    if not isinstance(value, Type) or value.name in ("Any", "dtype", "device"):
        return True
    if kind.endswith("?"):
        return value == NONE or _takes_optional(kind[:-1], value)
    if _element(kind) not in _KNOWN:
        return True
    if kind.endswith("]"):
        return _takes_list(kind, value)
    if kind == "Scalar":
        return value in _NUMBERS
    return value == _PLAIN.get(kind) or (kind, value) in _CONVERTED


def _takes_optional(kind: str, value: Type) -> bool:
    """What may be None is taken as it is: one number in it makes no list."""
    if value.name != "Optional" or not value.args:
        return takes(kind, value)
    inner = value.args[0]
    is_list = isinstance(inner, Type) and inner.name == "List"
    return takes(kind, inner) and (is_list or not kind.endswith("]") or not isinstance(inner, Type))


def _takes_list(kind: str, value: Type) -> bool:
    inner, fixed = _element(kind), not kind.endswith("[]")
    if value.name == "Tuple":
        return all(_takes_element(inner, one) and (one != TENSOR or inner == "Tensor") for one in value.args)
    if value.name == "List":  # an empty one is of tensors until it is used
        return not value.args or value.args[0] == TENSOR or _takes_element(inner, value.args[0])
    return fixed and _takes_element(inner, value) and (value != TENSOR or inner not in ("int", "float"))


def _takes_element(kind: str, value: Value) -> bool:
    """As `takes`, but what `item()` gives is no int where a list is made of it."""
    return takes(kind, value) and (value != SCALAR or kind not in ("int", "float"))

"""Which decision of the user's code explains that an export agrees on the example and not on another input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exportlint.verify.frames import Place
from exportlint.verify.searching.decisions import VALUE_READS, Key, Record

_RULES = {
    "__bool__": "EXL101",
    "__iter__": "EXL102",
    "numpy": "EXL202",
    "__array__": "EXL202",
    "shape": "EXL301",
    "dropout": "EXL601",
}
_NAMES = {"__bool__": "bool()", "__int__": "int()", "__float__": "float()", "__index__": "an index", "__len__": "len()"}
_NAMES |= {"item": ".item()", "tolist": ".tolist()", "numpy": "numpy", "__array__": "numpy", "__iter__": "iteration"}


@dataclass(frozen=True)
class Blame:
    """The place, the rule that explains it where one does, and what happened there in one clause."""

    path: str
    line: int
    rule: str | None
    what: str


def by_decisions(example: Record, failing: Record, agreeing: Sequence[Record], resized: bool) -> Blame | None:
    """The first decision that went otherwise than on the example, best one that never did where the export agreed."""
    harmless = {key for record in agreeing for key in example.differing(record)}
    differing = [key for key in example.differing(failing) if key in failing.outcomes or key[2] == "branch"]
    if not differing:
        return None
    best = min(differing, key=lambda key: (key[2] == "shape", key in harmless, differing.index(key)))
    return _explained(best, example, failing, resized)


def by_reads(example: Record, hows: Sequence[str]) -> Blame | None:
    """The first line of the example's run that read a tensor in one of these ways."""
    for path, line, how in example.outcomes:
        if how in hows:
            return _explained((path, line, how), example, example, False)
    return None


def rule_at(place: Place, record: Record, default: str | None) -> str | None:
    """The rule for a failure on a line, from how the line read tensors in eager mode."""
    hows = record.hows(place.path, place.line)
    for how in ("numpy", "__array__", "__bool__", "__iter__"):
        if how in hows:
            return _RULES[how]
    return "EXL201" if hows & {*VALUE_READS, "__len__"} else default


def _explained(key: Key, example: Record, failing: Record, resized: bool) -> Blame:
    path, line, how = key
    before, after = example.outcomes.get(key, []), failing.outcomes.get(key, [])
    hows = example.hows(path, line) | failing.hows(path, line)
    if how == "branch":
        rule = _branch_rule(hows, failing, resized)
        looped = len(before) != len(after) and len(set(before)) > 1
        what = f"ran {_times(before)} instead of {_times(after)}" if looped else _went(before, after)
        return Blame(path, line, rule, what)
    rule = _RULES.get(how, "EXL201")
    if how == "shape":
        return Blame(path, line, rule, f"read the size {_few(before)} on the example and {_few(after)} here")
    if how in ("numpy", "__array__", "dropout"):
        what = "left torch for numpy" if how != "dropout" else "drops values in eval mode too"
        return Blame(path, line, rule, what)
    return Blame(path, line, rule, f"{_NAMES.get(how, how)} gave {_few(before)} on the example and {_few(after)} here")


def _branch_rule(hows: set[str], failing: Record, resized: bool) -> str | None:
    if "__bool__" in hows:
        return "EXL101"
    if "__iter__" in hows:
        return "EXL102"
    if hows & {*VALUE_READS}:
        return "EXL101"
    if resized:
        return "EXL301"
    return "EXL101" if any(how in VALUE_READS for _, _, how in failing.outcomes) else None


def _times(outcomes: Sequence[object]) -> str:
    return f"{len(outcomes)} steps"


def _went(before: Sequence[object], after: Sequence[object]) -> str:
    one = next((a for a, b in zip(before, after, strict=False) if a != b), before[-1] if before else None)
    other = next((b for a, b in zip(before, after, strict=False) if a != b), after[-1] if after else None)
    if other is None:
        return "was not reached here, unlike on the example"
    return f"went on to line {one} on the example and to line {other} here"


def _few(outcomes: Sequence[object]) -> str:
    texts = ["itself" if o is None else str(list(o)) if isinstance(o, tuple) else str(o)[:60] for o in outcomes[:3]]
    return ", ".join(texts) + (", ..." if len(outcomes) > 3 else "") if texts else "nothing"

"""Arguments of calls: the one that a finding stands at, and the edit that takes it away."""

from __future__ import annotations

import libcst as cst

from exportlint.finding import Edit
from exportlint.fix.site import Site
from exportlint.fix.source import Unfixable


def named_argument(site: Site) -> tuple[cst.Call, cst.Arg] | None:
    """The call and the argument, given by name, whose value stands at the span."""
    value = site.at(cst.BaseExpression)
    argument = site.parent(value) if value is not None else None
    if not isinstance(argument, cst.Arg) or argument.keyword is None:
        return None
    call = site.parent(argument)
    return (call, argument) if isinstance(call, cst.Call) else None


def without(site: Site, call: cst.Call, argument: cst.Arg) -> Edit:
    """Takes one of several arguments of a call away, with a comma beside it. Raises Unfixable where it is the first."""
    position = next(place for place, one in enumerate(call.args) if one is argument)
    if position == 0 or argument.keyword is None:
        raise Unfixable("it is the only thing that the call is given, or may be")
    before = call.args[position - 1].value
    # From the value before, so that what stands behind the argument, a comma of the last line too, stays as it is.
    return site.replaced(before, site.bare_code(before) + site.closing(before), argument.value)


def with_argument(site: Site, call: cst.Call, text: str) -> Edit:
    """Adds an argument to those of a call. Raises Unfixable where they stand on lines of their own."""
    last = call.args[-1]
    if isinstance(last.comma, cst.Comma) and "\n" in site.code(call):
        raise Unfixable("an argument more on lines of their own would not be laid out like the others")
    return site.replaced(last.value, f"{site.bare_code(last.value)}{site.closing(last.value)}, {text}")

"""What was measured for a call in a model, looked up once for all calls that are alike."""

from __future__ import annotations

from exportlint.flow.events import OperatorCall
from exportlint.operators.left_out import is_left_out
from exportlint.operators.support import UNKNOWN_SUPPORT, Support, asked, support

_known: dict[tuple, Support] = {}


def measured(event: OperatorCall, target: str, opset: int, torch: str) -> Support:
    """What happens to a call when `target` exports it at `opset` with that torch release; unknown where it is left out.

    Most calls of a program are repetitions: the few that differ are looked up. The types tell 1 from True.
    """
    kinds = tuple([type(value) for _, value in event.arguments])
    call = (event.name, event.arguments, kinds, event.given, event.numbers, event.dtype, event.returned)
    key = (call, target, opset, torch)
    found = _known.get(key)
    if found is None:
        left_out = is_left_out(event, target)
        found = _known[key] = UNKNOWN_SUPPORT if left_out else support(event.name, asked(event), target, opset, torch)
    return found

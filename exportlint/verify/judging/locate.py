"""Which line of the user's code made an export fail, which rule explains it, and the reason in one line."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from exportlint.verify import compiled
from exportlint.verify.eager import Eager
from exportlint.verify.frames import Place
from exportlint.verify.judging.blame import Blame, by_decisions, rule_at
from exportlint.verify.searching.decisions import Record
from exportlint.verify.searching.inputs import Generated
from exportlint.verify.targets import FileRefused, Request

_DYNAMIC = re.compile(
    r"Constraints violated|conflicts between user-specified ranges|specialized .* constant|not all values of"
)
_GUARD = re.compile(r"Could not guard on|Could not extract specialized|data-dependent")
_MISSING = re.compile(r"No ONNX function found|Exporting the operator|ONNX export of operator|NOT_IMPLEMENTED")
_OPERATOR = re.compile(r"op='aten\.(\w+)|aten::(\w+)|operator '?(\w+)'?[, ]|implementation for (\w+)\(")
_UNTYPED = re.compile(r"Tensor \(inferred\)|inferred to be of type 'Tensor'|undefined Tensor")
_SEARCHED = 12  # inputs tried to see which decision depends on a size


@dataclass(frozen=True)
class Failure:
    """Where a failed export is to be looked at; `path` and `line` are None where nothing of the user's is named."""

    reason: str
    path: str | None
    line: int | None
    rule: str | None


def locate(error: BaseException, target: str, eager: Eager, request: Request, record: Record) -> Failure:
    """Explains the exception of an export. `record` is the eager run of the example."""
    text = "\n".join(f"{type(e).__name__}: {e}" for e in _chain(error))
    reason = reason_of(error)
    if _DYNAMIC.search(text) and request.dynamic:
        blame = by_sizes(eager, request, record)
        if blame:
            return Failure(f"{reason} (line {blame.line} {blame.what})", blame.path, blame.line, blame.rule or "EXL301")
    place = (
        (eager.code.innermost(eager.compiled) if compiled.REFUSED.search(text) else None)
        or _refused_at(error, eager)
        or _named_in(error, target, eager)
        or _operator_place(text, request, eager)
        or eager.forward_place()
    )
    if place is None:
        return Failure(reason, None, None, _rule(text, target, None, record))
    return Failure(reason, place.path, place.line, _rule(text, target, place, record))


def by_sizes(eager: Eager, request: Request, record: Record) -> Blame | None:
    """The decision that goes otherwise at another size of a dynamic dimension."""
    generated = Generated(request.call.leaves(), 0, request.dynamic)
    for _, candidate in zip(range(_SEARCHED), generated.sizes(), strict=False):
        try:
            other = eager.run(request.call.with_leaves(candidate.leaves), 0)
        except Exception:  # eager mode refuses this size: another may do
            continue
        blame = by_decisions(record, other.record, (), resized=True)
        if blame:
            return blame
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, then what caused it, down to the root."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def reason_of(error: BaseException) -> str:
    """The root cause in one line; our own refusals speak for themselves."""
    if isinstance(error, FileRefused):
        return " ".join(str(error).split())[:600]
    root = list(_chain(error))[-1]
    lines = [line.strip() for line in str(root).splitlines() if line.strip()]
    first = lines[0] if lines else ""
    if first.endswith(":") and len(lines) > 1:
        first = f"{first} {lines[1]}"
    return f"{type(root).__name__}: {first}"[:600]


def _refused_at(error: BaseException, eager: Eager) -> Place | None:
    """The line of the node for which a written file is refused."""
    return eager.code.innermost(eager.code.in_text(error.stacks)) if isinstance(error, FileRefused) else None


def _named_in(error: BaseException, target: str, eager: Eager) -> Place | None:
    """The line that the messages name, or the innermost one of the user's in the tracebacks, root cause first."""
    for one in reversed(list(_chain(error))):
        mentioned = list(eager.code.in_text(str(one)))
        # scripting names the place of the error first and its callers after it; all others end with the innermost
        found = eager.code.innermost(reversed(mentioned) if target == "script" else mentioned)
        found = found or eager.code.innermost(eager.code.in_traceback(one.__traceback__))
        if found:
            return found
    return None


def _operator_place(text: str, request: Request, eager: Eager) -> Place | None:
    """The line that calls the operator which a message names, found by tracing the model."""
    match = _OPERATOR.search(text)
    return called_at(next(group for group in match.groups() if group), request, eager) if match else None


def called_at(name: str, request: Request, eager: Eager) -> Place | None:
    """The line that calls an operator, by its name in torch or in ONNX, found by tracing the model."""
    wanted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    for kind, lines in _traced(request):
        # a node is called BatchNormalization where the operator is batch_norm
        if kind.strip("_").startswith(wanted.strip("_")) or (len(kind) > 5 and wanted.startswith(kind)):
            # the innermost frame stands first
            place = eager.code.innermost(reversed(list(eager.code.in_text(lines))))
            if place:
                return place
    return None


def _traced(request: Request) -> list[tuple[str, str]]:
    """Operators of the model by name with their stacks as text; nothing when it cannot be traced."""
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            module = torch.jit.trace(
                request.model, example_kwarg_inputs=request.call.by_parameter(), check_trace=False, strict=False
            )
            graph = module.inlined_graph
    except Exception:  # the model cannot be traced: this way of asking has no answer
        return []
    return [
        (node.kind().removeprefix("aten::"), node.sourceRange()) for node in graph.nodes() if "aten::" in node.kind()
    ]


def _rule(text: str, target: str, place: Place | None, record: Record) -> str | None:
    if target == "script":
        return "EXL401" if _UNTYPED.search(text) else None
    if _GUARD.search(text):
        default = "EXL101" if "Could not guard on" in text else "EXL201"
        return rule_at(place, record, default) if place else default
    if _MISSING.search(text):
        return "EXL501"
    if _DYNAMIC.search(text):
        return "EXL301"
    numpy = place is not None and record.hows(place.path, place.line) & {"numpy", "__array__"}
    return "EXL202" if numpy else None

"""Results of `verify` for people: one line each for what agrees; for a failure the line, the input and what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from exportlint.finding import Span
from exportlint.report.escaping import visible
from exportlint.report.snippet import rows
from exportlint.report.view import View
from exportlint.verify.contract import STATUSES, Result

if TYPE_CHECKING:
    from rich.text import Text

Piece = tuple[str, str]
PLAIN_WIDTH = 160
SHOWN_VALUES = 100  # characters of an input
_COLOUR = {"ok": "bold green", "no-spec": "bold yellow", "not-runnable": "bold yellow"}
_FRAME = "blue"


def render(results: Sequence[Result], findings: Sequence[Mapping[str, Any]], view: View) -> str:
    """The report as plain text."""
    return "".join("".join(text for text, _ in line) + "\n" for line in _report(results, findings, view))


def coloured(results: Sequence[Result], findings: Sequence[Mapping[str, Any]], view: View) -> Text:
    """The report as rich's Text, for a terminal."""
    from rich.text import Text

    return Text("\n").join(Text.assemble(*line) for line in _report(results, findings, view))


def _report(results: Sequence[Result], findings: Sequence[Mapping[str, Any]], view: View) -> Iterator[list[Piece]]:
    for result in results:
        yield from _result(result, view)
    for finding in findings:
        place = visible(f"{finding['path']}:{finding['line']}")
        yield [(f"{finding['rule']} at {place} is ", ""), (str(finding["verdict"]), "bold")]
    yield [(_summary(results), "bold")]
    if view.left:
        yield [(f"Not complete: {view.left} more {'was' if view.left == 1 else 'were'} to run.", "bold yellow")]


def _result(result: Result, view: View) -> Iterator[list[Piece]]:
    colour = _COLOUR.get(result.status, "bold red")
    yield [
        (visible(result.model), "bold"),
        (f"  [{result.target}]  ", ""),
        (result.status, colour),
        (_figures(result), ""),
    ]
    if result.status == "ok":
        for line in _checks(result):
            yield from _note("= ", line, 1)
        return
    margin = len(str(result.line or 1))
    if result.path is not None and result.line is not None:
        rule = f" ({result.rule})" if result.rule else ""
        yield [(f"{'':{margin}}--> ", _FRAME), (visible(f"{result.path}:{result.line}{rule}"), "")]
        whole = Span(result.path, result.line, 1, result.line, 1)
        for row in rows(whole, view, (view.width or PLAIN_WIDTH) - margin - 3):
            yield [(f"{row.number:>{margin}} | ", _FRAME), (row.text, "")]
    yield from _note("= ", result.reason, margin)
    if result.counterexample:
        for value in result.counterexample.inputs:
            shape = "" if value.shape is None else str(list(value.shape))
            yield from _note("= input ", f"{value.name}: {value.dtype}{shape} = {_cut(value.text)}", margin)
        if result.counterexample.script:
            yield from _note("= reproduce: ", f"python {result.counterexample.script}", margin)
    for line in _checks(result):
        yield from _note("= ", line, margin)
    for step in result.trail:
        yield from _note("::: ", f"{step.path}:{step.line}: {step.what}", margin)
    yield []


def _checks(result: Result) -> Iterator[str]:
    """What was inferred; what fails, and what was asked for: figures, and what could not be had."""
    if result.spec and result.spec.arguments:
        kwargs = ", ".join(f"{name} = {value}" for name, value in sorted(result.spec.kwargs.items()))
        yield f"arguments {result.spec.arguments}: {kwargs or result.spec.args}"
    if result.spec and result.spec.example:
        inputs = ", ".join(f"{name} = {shape}" for name, shape in result.spec.inputs.items())
        yield f"inputs {result.spec.example}: {inputs}"
    for step in result.undecided:
        yield f"not seen both ways: {step.path}:{step.line} {step.what}"
    for name, said in sorted(result.checks.items()):
        if said.startswith(("failed: ", "ok: ")) or (said.startswith("skipped: ") and said.endswith("not installed")):
            yield f"{name}: {said.removeprefix('ok: ')}"
        elif name == "search" or (name in ("noise", "state") and said.startswith("skipped: no time")):
            yield f"{name}: {said.removeprefix('skipped: ')}"


def _note(mark: str, text: str, margin: int) -> Iterator[list[Piece]]:
    yield [(f"{'':{margin}} {mark}", _FRAME), (visible(" ".join(text.split())), "")]


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_VALUES else text[: SHOWN_VALUES - 1] + "…"


def _figures(result: Result) -> str:
    if not result.inputs_tried:
        return ""
    figures = [f"{result.inputs_tried} inputs"]
    if result.inputs_discarded:
        figures.append(f"{result.inputs_discarded} more refused by eager mode")
    if result.max_abs is not None and result.status == "ok":
        figures.append(f"largest difference {result.max_abs:.2g}")
        if result.times_noise:
            figures.append(f"{result.times_noise:.1f} times eager's own noise")
    figures += [
        f"{name} {said}"
        for name, said in result.checks.items()
        if name == "dynamic" and not said.startswith("skipped: no ")
    ]
    return f"  ({', '.join(visible(figure) for figure in figures)})"


def _summary(results: Sequence[Result]) -> str:
    counts = Counter(result.status for result in results)
    named = [f"{counts[status]} {status}" for status in STATUSES if counts[status]]
    return f"{len(results)} {'run' if len(results) == 1 else 'runs'}: {', '.join(named) or 'no model to verify'}."

"""Findings for people: the line with the span underlined, why it breaks, what else belongs to it, and what to do."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from exportlint.finding import Confidence, Finding, Related, Report, Severity, Span
from exportlint.report.escaping import visible
from exportlint.report.snippet import rows
from exportlint.report.view import View

if TYPE_CHECKING:
    from rich.text import Text

Piece = tuple[str, str]
"""Text and its style, in rich's words; the empty style is plain."""

PLAIN_WIDTH = 160
"""Cells of a source line that are shown where the output is no terminal."""

_COLOUR = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
_FRAME = "blue"


def render(report: Report, view: View) -> str:
    """The report as plain text."""
    return "".join("".join(text for text, _ in line) + "\n" for line in _report(report, view))


def coloured(report: Report, view: View) -> Text:
    """The report as rich's Text, for a terminal."""
    from rich.text import Text

    return Text("\n").join(Text.assemble(*line) for line in _report(report, view))


def statistics(report: Report) -> str:
    """One line a rule: how often it was found, the most frequent first."""
    names = {finding.rule: finding.name for finding in report.findings}
    counts = Counter(finding.rule for finding in report.findings)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "".join(f"{count:>6}  {rule}  {names[rule]}\n" for rule, count in ordered)


def _report(report: Report, view: View) -> Iterator[list[Piece]]:
    for finding in report.findings:
        yield from _finding(finding, view)
        yield []
    yield _summary(report)


def _finding(finding: Finding, view: View) -> Iterator[list[Piece]]:
    colour = _COLOUR[finding.severity]
    sure = "" if finding.confidence is Confidence.HIGH else f" ({finding.confidence.value} confidence)"
    yield [
        (f"{finding.rule} {finding.name}", "bold"),
        (f"  {finding.severity.value}", colour),
        (f"{sure}  [{', '.join(finding.targets)}]", ""),
    ]
    margin = len(str(max([finding.span.end_line, *(place.line for place in finding.related)])))
    place = f"{finding.span.path}:{finding.span.line}:{finding.span.column}"
    inside = f" in {finding.symbol}" if finding.symbol else ""
    yield [(f"{'':{margin}}--> ", _FRAME), (visible(place + inside), "")]
    yield [(f"{'':{margin}} |", _FRAME)]
    yield from _snippet(finding.span, colour, margin, view)
    yield from _paragraph("= ", finding.message, margin, view)
    for related in finding.related:
        yield from _related(related, margin, view)
    yield from _paragraph("= help: ", finding.help, margin, view)
    if finding.fix:
        option = "--fix" if finding.fix.safe else "--fix --unsafe-fixes"
        yield from _paragraph("= fix: ", f"{finding.fix.message} ({option})", margin, view)
    if finding.verdict:
        yield from _paragraph("= verdict: ", finding.verdict, margin, view)


def _snippet(span: Span, colour: str, margin: int, view: View) -> Iterator[list[Piece]]:
    for row in rows(span, view, (view.width or PLAIN_WIDTH) - margin - 3):
        if row.number is None:
            yield [(row.text, _FRAME)]
            continue
        yield [(f"{row.number:>{margin}} | ", _FRAME), (row.text, "")]
        yield [(f"{'':{margin}} | ", _FRAME), (" " * row.first + "^" * (row.last - row.first), colour)]


def _related(place: Related, margin: int, view: View) -> Iterator[list[Piece]]:
    yield from _paragraph("::: ", f"{place.path}:{place.line}: {place.message}", margin, view)
    whole = Span(place.path, place.line, 1, place.line, 1)
    for row in rows(whole, view, (view.width or PLAIN_WIDTH) - margin - 3):
        yield [(f"{row.number:>{margin}} | ", _FRAME), (row.text, "")]


def _paragraph(mark: str, text: str, margin: int, view: View) -> Iterator[list[Piece]]:
    """`text` behind `mark`; wrapped on a terminal, on one line elsewhere, where programs such as grep read it."""
    lines = [visible(line) for line in text.splitlines()] or [""]
    if view.width:
        room = max(view.width - margin - 1 - len(mark), 20)
        lines = [part for line in lines for part in textwrap.wrap(line, room, break_on_hyphens=False) or [""]]
    yield [(f"{'':{margin}} {mark}", _FRAME), (lines[0], "")]
    for line in lines[1:]:
        yield [(f"{'':{margin}} {'':{len(mark)}}{line}", "")]


def _summary(report: Report) -> list[Piece]:
    if not report.models and not report.findings:
        return [(f"No model (a subclass of nn.Module) in {_count(report.files, 'file')}.", "")]
    models = f" ({_count(report.models, 'model')})"
    hidden = _left_out(report)
    if not report.findings:
        return [(f"Nothing found in {_count(report.files, 'file')}{models}.{hidden}", "bold")]
    severities = Counter(finding.severity for finding in report.findings)
    counts = [_count(severities[severity], _noun(severity)) for severity in Severity if severities[severity]]
    where = len({finding.span.path for finding in report.findings})
    return [(f"Found {', '.join(counts)} in {where} of {_count(report.files, 'file')}{models}.{hidden}", "bold")]


def _left_out(report: Report) -> str:
    known = f" {report.known:,} of the baseline left out." if report.known else ""
    unchanged = f" {report.unchanged:,} on unchanged lines left out." if report.unchanged else ""
    hidden = f" {_count(report.hidden, 'note')} hidden: --pedantic shows them." if report.hidden else ""
    measured = f" {report.operators}." if report.operators else ""
    return known + unchanged + hidden + measured


def _noun(severity: Severity) -> str:
    return "note" if severity is Severity.INFO else severity.value


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")

"""A comment that asks exportlint to ignore something which is not there.

## What it does
Reports a comment `# exportlint: ignore[EXL101]` that suppresses nothing for the selected targets, one that names a code
that no rule has, and one that cannot be understood.

## Why it breaks
Nothing breaks today. But a comment that outlived its reason hides the next finding on that line, which may be true.

## Example
```python
def forward(self, x):
    return x * 2  # exportlint: ignore[EXL101] the batch is always 1
```

## Use instead
Delete the comment, or the codes that are no longer found. Written well, a suppression names its codes and its reason:
```python
def forward(self, x):
    if x.sum() > 0:  # exportlint: ignore[EXL101] both arms compute the same
        return x * 2
    return x + x
```
It stands on the line or alone on the line above. On the line of a `def` or `class`, or above it, it covers the whole
body. Several codes are separated by commas; a bare `ignore` stands for all rules.

## When it is no problem
A suppression is judged only by the rules that ran: one for a rule that was not selected is left alone. When a finding
belongs to targets that this run does not check, ignore EXL001 in that run.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from exportlint.finding import Confidence, Finding, Severity, Span
from exportlint.mistake import did_you_mean

CODE = "EXL001"
NAME = "unused-suppression"

_MARK = "exportlint:"
_COMMENT = re.compile(r"(?:^|\s)(?P<whole>#\s*exportlint:\s*(?P<rest>[^#]*))")
_IGNORE = re.compile(r"ignore(?:\s*\[(?P<codes>[^\]]*)\])?(?P<reason>\s.*)?")
_BARE_CODE = re.compile(r"\s*EXL\d")
_INVISIBLE = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


@dataclass(frozen=True)
class Suppression:
    """One comment: where it stands, the codes it names (none: all rules), and the lines it covers.

    `misread` says why a comment that cannot be understood suppresses nothing; it is None for the others.
    """

    span: Span
    codes: tuple[str, ...]
    first_line: int
    last_line: int
    misread: str | None = None

    def covers(self, finding: Finding, code: str | None) -> bool:
        """Whether the comment, by `code` (None: by being bare), stands for the place of `finding`."""
        overlaps = finding.span.line <= self.last_line and self.first_line <= finding.span.end_line
        return overlaps and code in (None, finding.rule)


@dataclass(frozen=True)
class Ran:
    """What a run looked for: every code there is, those whose rules ran, and the selected targets."""

    known: frozenset[str]
    active: frozenset[str]
    targets: tuple[str, ...]


def parse(path: str, text: str, tree: ast.Module) -> tuple[Suppression, ...]:
    """The suppressions in one file, which must have parsed to `tree`; `path` is what their spans show."""
    if _MARK not in text:
        return ()
    bodies = dict(_bodies(tree))
    found = []
    for span, rest, first, last in _comments(path, text):
        header = [line for line in range(first, last + 1) if line in bodies]
        found.append(_suppression(span, rest, (first, max([last, *(bodies[line] for line in header)]))))
    return tuple(found)


def apply(
    findings: Iterable[Finding], suppressions: Sequence[Suppression], ran: Ran
) -> tuple[list[Finding], list[Finding]]:
    """Split off what is suppressed: the findings of one file that stay, and a finding for each unused suppression."""
    kept, used = [], set()
    for finding in findings:
        covering = {
            (suppression, code)
            for suppression in suppressions
            if suppression.misread is None
            for code in suppression.codes or (None,)
            if suppression.covers(finding, code)
        }
        used |= covering
        if not covering:
            kept.append(finding)
    if CODE not in ran.active:
        return kept, []
    return kept, [_unused(s, complaint, ran) for s in suppressions if (complaint := _complaint(s, used, ran))]


def _bodies(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """For each line of the head of a function or class, decorators included: that line and the last of its body."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            # A body on the line of its head is that line; else the head ends before the body's first line.
            for line in range(first, max(node.lineno + 1, node.body[0].lineno)):
                yield line, node.end_lineno or line


def _comments(path: str, text: str) -> Iterator[tuple[Span, str, int, int]]:
    """Each comment addressed to exportlint: its span, what it says, and the lines of the statement it belongs to.

    A comment alone on its line belongs to the statement that follows; any other to the statement it stands in.
    """
    waiting: list[tuple[Span, str]] = []
    first: int | None = None
    for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
        if token.type == tokenize.COMMENT:
            for match in _COMMENT.finditer(token.string):
                line, column = token.start[0], token.start[1] + 1 + match.start("whole")
                waiting.append((Span(path, line, column, line, column + len(match["whole"].rstrip())), match["rest"]))
        elif token.type == tokenize.NEWLINE:
            yield from ((span, rest, first or token.start[0], token.end[0]) for span, rest in waiting)
            waiting, first = [], None
        elif token.type not in _INVISIBLE:
            first = token.start[0] if first is None else first
    yield from ((span, rest, span.line, span.line) for span, rest in waiting)


def _suppression(span: Span, rest: str, lines: tuple[int, int]) -> Suppression:
    match = _IGNORE.fullmatch(rest.strip())
    if match is None:
        return Suppression(span, (), *lines, misread="it is not `ignore` or `ignore[CODE]`")
    if match["codes"] is None:
        missing = _BARE_CODE.match(match["reason"] or "")
        return Suppression(span, (), *lines, misread="a code stands in brackets" if missing else None)
    codes = tuple(dict.fromkeys(code.strip().upper() for code in match["codes"].split(",") if code.strip()))
    return Suppression(span, codes, *lines, misread=None if codes else "its brackets are empty")


def _complaint(suppression: Suppression, used: set[tuple[Suppression, str | None]], ran: Ran) -> str | None:
    """What is wrong with a suppression after a run, None when nothing is."""
    if suppression.misread:
        return f"this suppression does nothing: {suppression.misread}"
    for code in suppression.codes:
        if code not in ran.known:
            return f"no rule has the code {code}{did_you_mean(code, ran.known)}"
    if not suppression.codes:
        return None if (suppression, None) in used else "nothing is found here for the selected targets"
    idle = [code for code in suppression.codes if (suppression, code) not in used and code in ran.active]
    return f"{' and '.join(idle)}: not found here for the selected targets" if idle else None


def _unused(suppression: Suppression, complaint: str, ran: Ran) -> Finding:
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        targets=ran.targets,
        span=suppression.span,
        symbol="",
        message=complaint,
        help="delete the comment, or write it as `# exportlint: ignore[CODE] reason` with the codes found here",
    )

"""What exportlint says: a finding at a place in source. Frozen values; imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

TARGETS = ("trace", "script", "export", "onnx", "onnx-ts")


class Severity(str, Enum):
    """How bad it is: breaks or is silently wrong; does so for some declared use; worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Confidence(str, Enum):
    """How sure the analysis is of the kinds of the values involved."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of one file. Lines and columns count from 1; columns count characters; the end is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Related:
    """Another place that belongs to a finding: where the value came from, or where it is used."""

    path: str
    line: int
    message: str


@dataclass(frozen=True)
class Edit:
    """Replace the text of `span` by `text`."""

    span: Span
    text: str


@dataclass(frozen=True)
class Fix:
    """Edits that repair a finding. A safe fix never changes what eager PyTorch computes."""

    message: str
    edits: tuple[Edit, ...]
    safe: bool


@dataclass(frozen=True)
class Finding:
    """A rule at a place, for the targets it breaks. `message` is for people and is never used as identity."""

    rule: str
    name: str
    severity: Severity
    confidence: Confidence
    targets: tuple[str, ...]
    span: Span
    symbol: str
    message: str
    help: str
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    verdict: str | None = None

    def sort_key(self) -> tuple:
        """Order of the output: by file, then place, then rule; total, so that the same input gives the same bytes."""
        return (self.span, self.rule, self.targets, self.message)


@dataclass(frozen=True)
class Problem:
    """Something the user must mend before a file can be judged: it cannot be read, decoded or parsed."""

    path: str
    line: int | None
    message: str


@dataclass(frozen=True)
class Report:
    """What one `check` run found. `files` were read, `models` are the nn.Module classes among them.

    Left out of `findings` and counted only: `hidden` notes that nobody asked for, `known` ones that a baseline has,
    those that stand on `unchanged` lines. Of `units` of work `fresh` ones were done for this run, the others found
    again from earlier ones. `operators` says with which torch the operator table was measured, where the project names
    a release.
    """

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    files: int
    models: int
    hidden: int = 0
    known: int = 0
    unchanged: int = 0
    fresh: int = field(default=0, compare=False)
    units: int = field(default=0, compare=False)
    operators: str = ""

    def without_notes(self) -> Report:
        """The same report with errors and warnings only."""
        kept = tuple(f for f in self.findings if f.severity is not Severity.INFO)
        return replace(self, findings=kept, hidden=self.hidden + len(self.findings) - len(kept))

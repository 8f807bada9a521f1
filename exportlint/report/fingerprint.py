"""The identity of a finding while lines around it come and go."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from exportlint.finding import Finding
from exportlint.report.view import View


def fingerprints(findings: Sequence[Finding], view: View) -> list[str]:
    """One for each finding: a digest of the rule, the file, the function and the text of the line, then which of twins.

    Twins are findings that the digest does not tell apart; they are counted from 1 in the order they are given.
    """
    seen: Counter[str] = Counter()
    prints = []
    for finding in findings:
        line = (view.line(finding.span.path, finding.span.line) or "").strip()
        parts = (finding.rule, view.from_root(finding.span.path), finding.symbol, line)
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        seen[digest] += 1
        prints.append(f"{digest}:{seen[digest]}")
    return prints

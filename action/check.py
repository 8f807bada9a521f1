"""The Action's static step: checks the sources, annotates the pull request, leaves the report for the last step."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import base
import inputs
import reread
import runner

from exportlint.catalogue import documented
from exportlint.cli.narrowing import touched
from exportlint.finding import Report, Severity
from exportlint.report import github, sarif
from exportlint.report.view import View

MOST_RESULTS = 5_000  # https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support


def main() -> int:
    """Fails only when the check itself could not be made; whether findings fail the job is for the last step to say."""
    wants_sarif = inputs.flag("sarif")
    folder = runner.new_folder()
    found = folder / "check.json"
    # no cache: the checkout could bring one along
    words = ["check", "--no-cache", "--output-format=json", f"--output-file={found}", *inputs.shared_options()]
    status = runner.exportlint([*words, *_narrowing(), "--", *inputs.lines("paths")], Path.cwd())
    if not found.exists():
        return status
    report = reread.report(_concise(found))
    view = View(root=Path.cwd(), rules=documented)
    if not inputs.text("shard"):  # the run that planned the shards has annotated
        sys.stdout.write(github.render(_changed_first(report), view))
    if wants_sarif:
        written = folder / "exportlint.sarif"
        text = sarif.render(_within_code_scanning(report), view)
        written.write_text(text, encoding="utf-8", errors="backslashreplace")
        runner.set_output("sarif", written)
    return 0


def _narrowing() -> list[str]:
    """The options that leave out what is known, and what nobody just changed."""
    words = [f"--baseline={known}"] if (known := inputs.text("baseline")) else []
    if inputs.flag("changed-only"):
        since = base.revision()
        if since is None:
            runner.annotate("notice", "This event changes nothing, so all lines were checked.", title="exportlint")
        else:
            words.append(f"--changed-since={since}")
    return words


def _changed_first(report: Report) -> Report:
    """The findings on lines of the change before the others: GitHub shows so many and no more."""
    changes = base.changes()
    if changes is None:
        return report
    return replace(report, findings=tuple(sorted(report.findings, key=lambda finding: not touched(finding, changes))))


def _within_code_scanning(report: Report) -> Report:
    """The worst of the findings, as many as code scanning keeps; it refuses a file with five times as many."""
    left = len(report.findings) - MOST_RESULTS
    if left <= 0:
        return report
    runner.annotate("notice", f"The SARIF file lacks {left} findings, the least severe.", title="exportlint")
    worst = sorted(report.findings, key=lambda finding: list(Severity).index(finding.severity))
    return replace(report, findings=tuple(worst[:MOST_RESULTS]))


def _concise(found: Path) -> dict[str, Any]:
    """The report of `check`, from which notes are taken out unless they are to fail the job."""
    document = json.loads(found.read_text(encoding="utf-8"))
    if inputs.text("fail-on") != Severity.INFO.value:
        document["findings"] = [f for f in document["findings"] if f["severity"] != Severity.INFO.value]
        found.write_text(json.dumps(document), encoding="utf-8")
    return document


if __name__ == "__main__":
    runner.step(main)

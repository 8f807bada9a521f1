"""The Action's last step: the outputs, the summary page, and whether the job fails."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import inputs
import notes
import reread
import runner
import summary

from exportlint.finding import Severity
from exportlint.report import html, verify_html
from exportlint.report.view import View
from exportlint.verify.answers import parse_reported

NEVER = "never"
NOT_FAILED = ("ok", "no-spec")


def main() -> int:
    """0, or 1 when a finding is as severe as `fail-on`, a file could not be checked, or an export failed."""
    check, verify = _read("check.json"), _read("verify.json")
    results = verify["results"] if verify else []
    verified = sum(result["status"] == "ok" for result in results)
    failed = sum(result["status"] not in NOT_FAILED for result in results)

    report = runner.folder() / "report.json"
    report.write_text(json.dumps({"check": check, "verify": verify}, indent=2), encoding="utf-8")
    runner.set_output("findings", len(check["findings"]))
    runner.set_output("verified", verified)
    runner.set_output("failed", failed)
    runner.set_output("report", report)
    if inputs.text("shards") or inputs.text("shard"):
        return 0  # a part of a whole, which `OWNER/exportlint/merge` reports
    runner.set_output("html", _pages(check, verify))
    if inputs.flag("comment"):
        runner.set_output("comment", notes.write(runner.folder(), check["findings"], results))
    could_verify = os.environ.get("VERIFY_OUTCOME") != "failure"
    runner.summarise(summary.render(check, verify, runner.artifacts(), could_verify=could_verify))

    bound = inputs.choice("fail-on", (*(severity.value for severity in Severity), NEVER))
    if bound == NEVER:
        return 0
    severe = [finding for finding in check["findings"] if _rank(finding["severity"]) <= _rank(bound)]
    print(f"exportlint: {len(severe)} findings of severity {bound} or above, {failed} failed exports")
    return 1 if severe or failed or check["problems"] else 0


def _pages(check: dict[str, Any], verify: dict[str, Any] | None) -> Path:
    """A folder with a page for each command that ran; each page is self-contained."""
    folder, view = runner.folder() / "html", View(root=Path.cwd())
    folder.mkdir()
    pages = {"check.html": html.render(reread.report(check), view)}
    if verify:
        results = [parse_reported(result) for result in verify["results"]]
        pages["verify.html"] = verify_html.render(results, verify["findings"], view)
    for name, page in pages.items():
        (folder / name).write_text(page, encoding="utf-8", errors="backslashreplace")
    return folder


def _rank(severity: str) -> int:
    return list(Severity).index(Severity(severity))


def _read(name: str) -> dict[str, Any] | None:
    file = runner.folder() / name
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


if __name__ == "__main__":
    runner.step(main)

"""The Action's static step: checks the sources, annotates the pull request, leaves the report for the last step."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import inputs
import reread
import runner

from exportlint.catalogue import documented
from exportlint.report import github, sarif
from exportlint.report.view import View


def main() -> int:
    """Fails only when the check itself could not be made; whether findings fail the job is for the last step to say."""
    wants_sarif = inputs.choice("sarif", ("true", "false")) == "true"
    folder = runner.new_folder()
    found = folder / "check.json"
    # no cache: the checkout could bring one along
    words = ["check", "--no-cache", "--output-format=json", f"--output-file={found}", *inputs.shared_options()]
    status = runner.exportlint([*words, "--", *inputs.lines("paths")], Path.cwd())
    if not found.exists():
        return status
    report = reread.report(json.loads(found.read_text(encoding="utf-8")))
    view = View(root=Path.cwd(), rules=documented())
    sys.stdout.write(github.render(report, view))
    if wants_sarif:
        written = folder / "exportlint.sarif"
        written.write_text(sarif.render(report, view), encoding="utf-8", errors="backslashreplace")
        runner.set_output("sarif", written)
    return 0


if __name__ == "__main__":
    runner.step(main)

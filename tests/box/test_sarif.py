"""What goes to code scanning, put before the validator of SARIF with the rules of GitHub."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from exportlint.catalogue import documented
from exportlint.finding import Edit, Fix, Problem, Related, Severity, Span
from exportlint.report import sarif, verify_sarif
from exportlint.report.view import View
from exportlint.verify.contract import STATUSES
from tests.box.conftest import BRANCH, program, write
from tests.box.steps import Runner
from tests.findings import EVIL, finding, report, result

FIX = Fix("branch", (Edit(Span("src/net.py", 3, 12, 3, 21), "x"),), safe=False)


def complaints(text: str, folder: Path) -> list[str]:
    """Errors of the validator, which ends with 0 whatever it finds."""
    (folder / "log.sarif").write_text(text, encoding="utf-8", errors="backslashreplace")
    # npm's wrapper hands its words to a shell, which would end the command at the semicolon
    validator = Path(program("sarif-multitool-linux")).resolve().with_name("Sarif.Multitool")
    words = [validator, "validate", "log.sarif", "--rule-kind", "Sarif;Ghas"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert "1 files scanned" in done.stdout, done.stdout + done.stderr
    return re.findall(r": (?:error|warning) (?!SARIF2005).*", done.stdout)  # 2005: no address to learn more


def test_findings_pass(tmp_path: Path) -> None:
    findings = [
        finding(fix=FIX, related=(Related("src/net.py", 2, EVIL),)),
        finding(line=9, message=EVIL, help=EVIL, path="a b%:?#.py", severity=Severity.WARNING),
    ]
    problems = [Problem("src/bad.py", 3, EVIL), Problem("gone.py", None, "cannot be read")]
    view = View(root=Path(), rules=documented)
    assert complaints(sarif.render(report(*findings, problems=problems), view), tmp_path) == []
    assert complaints(sarif.render(report(), view), tmp_path) == []


def test_results_pass(tmp_path: Path) -> None:
    results = [result(status=status, model=f"net.py::{status}") for status in STATUSES]
    results += [
        result(model="package.net:make", status="timeout", path=None, line=None),
        result(model="net.py::Lost", status="no-spec", path=None, line=None, reason=EVIL),
    ]
    assert complaints(verify_sarif.render(results, [], View(root=Path())), tmp_path) == []
    assert complaints(verify_sarif.render([], [], View(root=Path())), tmp_path) == []


def test_what_breaks_the_rules_is_seen(tmp_path: Path) -> None:
    log = json.loads(verify_sarif.render([result()], [], View(root=Path())))
    del log["runs"][0]["results"][0]["locations"]
    assert any("GH1015" in said for said in complaints(json.dumps(log), tmp_path))


def test_the_action_leaves_out_what_code_scanning_would(runner: Runner) -> None:
    """GitHub keeps 5,000 results and refuses a file with 25,000; here the most is one."""
    write(runner.workspace, {"src/another.py": BRANCH})
    code = "import sys, check; check.MOST_RESULTS = 1; sys.exit(check.main())"
    done = runner.step("check", code=code, SARIF="true")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The SARIF file lacks 1 findings" in done.stdout
    log = json.loads(Path(runner.outputs()["sarif"]).read_text(encoding="utf-8"))
    assert len(log["runs"][0]["results"]) == 1

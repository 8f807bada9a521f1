"""tools/sample_findings.py draws the same findings for the same seed, and no notes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "sample_findings.py"


@pytest.fixture
def drawn(tmp_path):
    (tmp_path / "net.py").write_text("\n".join(f"line {number}" for number in range(1, 41)))
    findings = [
        {
            "path": "net.py",
            "line": line,
            "column": 1,
            "severity": "info" if line % 2 else "error",
            "rule": "EXL101",
            "targets": ["trace" if line % 4 else "onnx"],
            "symbol": "Net.forward",
            "message": "branch",
            "related": [],
        }
        for line in range(1, 41)
    ]
    (tmp_path / "report.json").write_text(json.dumps({"findings": findings}))

    def run(*options: str) -> str:
        command = [sys.executable, str(TOOL), "report.json", "--context", "0", *options]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    return run


def test_the_same_seed_draws_the_same(drawn):
    assert drawn("--seed", "7", "--count", "5") == drawn("--seed", "7", "--count", "5")
    assert drawn("--seed", "7", "--count", "5") != drawn("--seed", "8", "--count", "5")


def test_notes_and_other_targets_are_left_out(drawn):
    lines = drawn("--target", "onnx").splitlines()
    assert sum("net.py:" in line for line in lines) == 10
    assert not any(" info " in line for line in lines)
    assert lines[0] == "1. net.py:4 error EXL101 onnx Net.forward"
    assert lines[2] == ">     4 line 4"

"""The JSON that others build on: these keys, in this order."""

import json
from pathlib import Path

from exportlint import __version__
from exportlint.finding import Edit, Fix, Problem, Related, Span
from exportlint.report.json import render
from exportlint.report.view import View
from tests.findings import finding, report


def document(*findings, problems=()) -> dict:
    return json.loads(render(report(*findings, problems=problems), View(root=Path())))


def test_the_document():
    one = finding(related=(Related("src/net.py", 2, "an input"),))
    written = document(one, problems=[Problem("bad.py", None, "cannot be read")])
    keys = "schema version findings files models known unchanged operators problems"
    assert list(written) == keys.split()
    assert written == {
        "schema": 1,
        "version": __version__,
        "findings": [
            {
                "rule": "EXL101",
                "name": "data-dependent-branch",
                "severity": "error",
                "confidence": "high",
                "targets": ["trace", "onnx"],
                "path": "src/net.py",
                "line": 3,
                "column": 12,
                "end_line": 3,
                "end_column": 21,
                "symbol": "Net.forward",
                "message": "The branch tests a value that is computed from the input.",
                "help": "Use torch.where.",
                "related": [{"path": "src/net.py", "line": 2, "message": "an input"}],
                "fix": None,
                "verdict": None,
            }
        ],
        "files": 3,
        "models": 2,
        "known": 0,
        "unchanged": 0,
        "operators": "",
        "problems": [{"path": "bad.py", "line": None, "message": "cannot be read"}],
    }


def test_keys_stand_in_the_order_of_the_contract():
    (written,) = document(finding())["findings"]
    assert " ".join(written) == (
        "rule name severity confidence targets path line column end_line end_column symbol "
        "message help related fix verdict"
    )


def test_a_fix_is_written_with_its_edits():
    fix = Fix("annotate it", (Edit(Span("src/net.py", 2, 27, 2, 27), ": int"),), safe=True)
    (written,) = document(finding(fix=fix))["findings"]
    assert written["fix"] == {
        "message": "annotate it",
        "safe": True,
        "edits": [{"path": "src/net.py", "line": 2, "column": 27, "end_line": 2, "end_column": 27, "text": ": int"}],
    }


def test_the_same_findings_give_the_same_bytes():
    one = report(finding(), finding(line=9))
    assert render(one, View(root=Path())) == render(one, View(root=Path("/elsewhere"), width=80))

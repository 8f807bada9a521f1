"""GitLab's code quality report: the keys that its documentation asks for, and fingerprints that stay."""

import json
from pathlib import Path

import jsonschema

from exportlint.finding import Problem, Severity
from exportlint.report import gitlab, verify_gitlab
from exportlint.report.view import View
from tests.findings import EVIL, finding, report, result

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format, as a schema; GitLab publishes none
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "location", "severity"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./|/)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {
                            "begin": {"type": "integer", "minimum": 1},
                            "end": {"type": "integer", "minimum": 1},
                        },
                    },
                },
            },
        },
    },
}


def entries(text: str) -> list[dict]:
    read = json.loads(text)
    jsonschema.validate(read, SCHEMA)
    assert len({entry["fingerprint"] for entry in read}) == len(read), "GitLab drops all but one of the same print"
    assert not any(character in text for character in "\x1b\x00\u202e\u2028\ud800")
    return read


def test_findings_and_problems_have_what_gitlab_asks_for():
    findings = [finding(), finding(line=4, severity=Severity.WARNING), finding(line=5, severity=Severity.INFO)]
    problem = Problem("bad.py", None, "cannot be read")
    told = entries(gitlab.render(report(*findings, problems=[problem]), View(Path())))
    assert [entry["severity"] for entry in told] == ["blocker", "major", "minor", "info"]
    assert told[1]["location"] == {"path": "src/net.py", "lines": {"begin": 3, "end": 3}}
    assert told[1]["check_name"] == "EXL101 data-dependent-branch"


def test_the_fingerprint_is_that_of_sarif_and_survives_a_moved_line():
    texts = {"src/net.py": "\n\n        if x.sum() > 0:"}
    (here,) = entries(gitlab.render(report(finding(line=3)), View(Path(), texts=texts)))
    texts = {"src/net.py": "        if x.sum() > 0:"}
    (moved,) = entries(gitlab.render(report(finding(line=1)), View(Path(), texts=texts)))
    assert here["fingerprint"] == moved["fingerprint"]


def test_results_have_what_gitlab_asks_for():
    results = [
        result(),
        result(target="trace", status="ok"),
        result(model="package.net:make", status="no-spec", path=None, line=None),
        result(model="src/other.py::Other", status="crashed", path=None, line=None),
    ]
    told = entries(verify_gitlab.render(results, (), View(Path())))
    assert [(entry["location"]["path"], entry["location"]["lines"]["begin"]) for entry in told] == [
        ("src/net.py", 3),
        ("package/net.py", 1),
        ("src/other.py", 1),
    ]
    assert [entry["severity"] for entry in told] == ["critical", "info", "critical"]


def test_hostile_text_stays_text():
    entries(gitlab.render(report(finding(message=EVIL, path=f"a{EVIL}")), View(Path())))
    entries(verify_gitlab.render([result(model=EVIL, reason=EVIL, path=None, line=None)], (), View(Path())))

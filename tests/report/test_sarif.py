"""SARIF 2.1.0: what code scanning and viewers rely on."""

import json
from pathlib import Path

from exportlint import __version__
from exportlint.catalogue import documented
from exportlint.finding import Problem, Related, Severity
from exportlint.report.sarif import render
from exportlint.report.view import View
from tests.findings import finding, report

CODE, NAME = documented()[0].code, documented()[0].name


def run_of(*findings, problems=(), texts=(), root: Path | None = None) -> dict:
    view = View(root=root or Path(), rules=documented, texts=dict(texts))
    log = json.loads(render(report(*findings, problems=problems), view))
    assert log["version"] == "2.1.0"
    return log["runs"][0]


def found(**changed):
    return finding(rule=CODE, name=NAME, **changed)


def test_every_rule_comes_with_its_documentation():
    driver = run_of()["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("exportlint", __version__)
    assert [rule["id"] for rule in driver["rules"]] == [rule.code for rule in documented()]
    first = driver["rules"][0]
    assert first["name"] == "UnusedSuppression"
    assert first["shortDescription"]["text"] == documented()[0].summary
    assert first["fullDescription"]["text"].startswith(
        "Reports a comment `# exportlint: ignore[EXL101]` that suppresses"
    )
    assert "\n" not in first["fullDescription"]["text"]
    assert "## Use instead" in first["help"]["markdown"]
    assert first["help"]["text"]


def test_a_finding_is_a_result_at_its_place():
    (result,) = run_of(found(related=(Related("src/net.py", 2, "an input"),)))["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == (CODE, 0, "error")
    assert (
        result["message"]["text"] == "The branch tests a value that is computed from the input.\nhelp: Use torch.where."
    )
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "src/net.py", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 3, "startColumn": 12, "endLine": 3, "endColumn": 21},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "Net.forward", "kind": "function"}]
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["region"] == {"startLine": 2}
    assert related["message"] == {"text": "an input"}


def test_the_rule_index_points_at_the_rule():
    last = documented()[-1]
    (result,) = run_of(finding(rule=last.code, name=last.name))["results"]
    assert run_of()["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == last.code


def test_severities_become_levels():
    results = run_of(*(found(severity=severity) for severity in Severity))["results"]
    assert [result["level"] for result in results] == ["error", "warning", "note"]


def test_columns_count_utf16_code_units():
    line = "🙂 = '🙂é' + int(x)"
    run = run_of(found(line=1, column=12, end_column=18), texts={"src/net.py": line})
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    units = line.encode("utf-16-le")
    assert run["columnKind"] == "utf16CodeUnits"
    assert (
        units[2 * (region["startColumn"] - 1) : 2 * (region["endColumn"] - 1)].decode("utf-16-le")
        == "int(x)"[: 18 - 12]
    )


def test_artifacts_are_relative_to_the_repository_and_encoded(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    run = run_of(found(path="a b#é.py"), root=tmp_path)
    assert run["originalUriBaseIds"]["SRCROOT"] == {"description": {"text": "The root of the repository."}}
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "sub/a%20b%23%C3%A9.py", "uriBaseId": "SRCROOT"}
    assert str(tmp_path) not in json.dumps(run)


def test_fingerprints_survive_a_moved_line_and_tell_twins_apart():
    line = "        if x.sum() > 0:"
    here = run_of(found(line=1), found(line=2), texts={"src/net.py": f"{line}\n{line}"})["results"]
    moved = run_of(found(line=3), texts={"src/net.py": f"\n\n{line}"})["results"]
    prints = [result["partialFingerprints"]["exportlint/v1"] for result in here + moved]
    assert prints[0] != prints[1]
    assert prints[0] == prints[2]
    changed = run_of(found(line=1), texts={"src/net.py": "        if x.mean() > 0:"})["results"]
    assert changed[0]["partialFingerprints"]["exportlint/v1"] != prints[0]


def test_a_problem_is_a_notification_of_a_run_that_failed():
    (invocation,) = run_of(problems=[Problem("bad.py", 7, "syntax error: x")])["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"] == {"text": "syntax error: x"}
    assert notification["locations"][0]["physicalLocation"]["region"] == {"startLine": 7}
    assert run_of()["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]

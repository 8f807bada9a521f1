"""JUnit's XML, against a schema of what Jenkins and GitLab both read."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from exportlint.finding import Problem
from exportlint.report import junit, verify_junit
from exportlint.report.view import View
from tests.findings import EVIL, finding, report, result

xmlschema = pytest.importorskip("xmlschema")
SCHEMA = xmlschema.XMLSchema(str(Path(__file__).with_name("junit.xsd")))


def tree(text: str) -> ElementTree.Element:
    SCHEMA.validate(text)
    return ElementTree.fromstring(text.encode())


def cases(text: str) -> list[tuple[str, str, str | None]]:
    """Suite, case and outcome of every case."""
    return [
        (suite.get("name"), case.get("name"), case[0].tag if len(case) else None)
        for suite in tree(text)
        for case in suite
    ]


def test_a_suite_for_each_file_and_a_failed_case_for_each_finding():
    found = report(
        finding(), finding(path="a.py"), finding(line=9), problems=[Problem("bad.py", 7, "syntax error: invalid")]
    )
    text = junit.render(found, View(Path(), texts={"src/net.py": "\n\n        if x.sum() > 0:"}))
    assert cases(text) == [
        ("a.py", "EXL101 data-dependent-branch at line 3", "failure"),
        ("bad.py", "cannot be checked", "error"),
        ("src/net.py", "EXL101 data-dependent-branch at line 3", "failure"),
        ("src/net.py", "EXL101 data-dependent-branch at line 9", "failure"),
    ]
    root = tree(text)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "3", "1")
    assert "src/net.py:3:12\nif x.sum() > 0:\n" in root[2][0][0].text


def test_nothing_found_is_one_case_that_passed():
    assert cases(junit.render(report(), View(Path()))) == [("exportlint check", "nothing found", None)]
    assert cases(verify_junit.render([], (), View(Path()))) == [("exportlint verify", "no model to verify", None)]


def test_a_suite_for_each_model_and_a_case_for_each_target():
    results = [
        result(),
        result(target="trace", status="ok", counterexample=None),
        result(model="src/net.py::Other", status="no-spec", path=None, line=None, counterexample=None, trail=()),
    ]
    text = verify_junit.render(results, (), View(Path()))
    assert cases(text) == [
        ("src/net.py::Net", "onnx", "failure"),
        ("src/net.py::Net", "trace", None),
        ("src/net.py::Other", "onnx", "error"),
    ]
    root = tree(text)
    assert root[0].get("time") == "5.500"
    assert root[0][0][0].get("type") == "mismatch"
    assert "input x: float32[2, 2] = tensor([[-1., 2.]])" in root[0][0][0].text
    assert "src/net.py:5: went another way" in root[0][0][0].text


def test_hostile_text_stays_text():
    evil = finding(message=EVIL, help=EVIL, symbol=EVIL, path=f"a{EVIL}")
    for text in (
        junit.render(report(evil), View(Path())),
        verify_junit.render([result(model=EVIL, reason=EVIL)], (), View(Path())),
    ):
        (suite,) = tree(text)
        assert [element.tag for element in suite.iter()] == ["testsuite", "testcase", "failure"]
        assert not any(character in text for character in "\x1b\x00\u202e\u2028\ud800\uffff")

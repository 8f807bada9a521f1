"""JUnit's XML: suites of cases, each of which passed, failed or could not be made. Jenkins and GitLab read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from exportlint.report.escaping import visible

_NO_XML = {0xFFFE: r"\ufffe", 0xFFFF: r"\uffff"}
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True)
class Case:
    """One test case. `outcome`: None (it passed), "failure", or "error" where it could not be made.

    `kind` classes the outcome; `message` is one line, `text` what to read below it; `seconds` None when not measured.
    """

    classname: str
    name: str
    outcome: str | None = None
    kind: str = ""
    message: str = ""
    text: str = ""
    seconds: float | None = None


def document(suites: Iterable[tuple[str, Sequence[Case]]]) -> str:
    """The XML of suites, given by name. XML has no form for most control characters: unseen ones are spelled out."""
    root = ElementTree.Element("testsuites", name="exportlint")
    for name, cases in suites:
        suite = ElementTree.SubElement(root, "testsuite", name=_fit(name), **_counts(cases))
        for case in cases:
            suite.append(_case(case))
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ElementTree.indent(root)
    return HEAD + ElementTree.tostring(root, encoding="unicode") + "\n"


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    outcomes = [case.outcome for case in cases]
    return {
        "tests": str(len(cases)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "time": f"{sum(case.seconds or 0.0 for case in cases):.3f}",
    }


def _case(case: Case) -> ElementTree.Element:
    element = ElementTree.Element("testcase", classname=_fit(case.classname), name=_fit(case.name))
    if case.seconds is not None:
        element.set("time", f"{case.seconds:.3f}")
    if case.outcome:
        said = ElementTree.SubElement(element, case.outcome, type=case.kind, message=_fit(case.message))
        said.text = "\n".join(_fit(line) for line in case.text.split("\n"))
    return element


def _fit(text: str) -> str:
    return visible(text).translate(_NO_XML)

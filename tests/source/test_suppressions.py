"""Suppression comments: which lines they cover, and which of them are reported."""

import ast

import pytest

from exportlint.finding import Confidence, Finding, Severity, Span
from exportlint.source.suppressions import Ran, apply, parse

RAN = Ran(
    known=frozenset({"EXL001", "EXL101", "EXL102", "EXL301"}),
    active=frozenset({"EXL001", "EXL101", "EXL102"}),
    targets=("onnx",),
)

MODEL = """\
class Net(Module):
    @export  # {on_decorator}
    def forward(
        self, x
    ):  # {on_head}
        # {above_statement}
        y = int(
            x  # {in_statement}
        )
        if y:  # {on_line}
            return "# exportlint: ignore"
        return x


def other(x):
    return x  # {elsewhere}
"""


def found(line: int, code: str = "EXL101", end_line: int | None = None) -> Finding:
    span = Span("net.py", line, 1, end_line or line, 5)
    return Finding(code, "a-name", Severity.ERROR, Confidence.HIGH, ("onnx",), span, "Net.forward", "message", "help")


def model(**comments: str) -> str:
    places = ("on_decorator", "on_head", "above_statement", "in_statement", "on_line", "elsewhere")
    return MODEL.format(**{place: comments.get(place, "") for place in places})


def suppress(text: str, *findings: Finding, ran: Ran = RAN) -> tuple[list[Finding], list[str]]:
    kept, unused = apply(findings, parse("net.py", text, ast.parse(text)), ran)
    return kept, [f"{finding.span.line}:{finding.span.column} {finding.message}" for finding in unused]


@pytest.mark.parametrize(
    ("place", "covered"),
    [
        ("on_line", [10]),
        ("in_statement", [7, 8, 9]),
        ("above_statement", [7, 8, 9]),
        ("on_head", [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        ("on_decorator", [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        ("elsewhere", [16]),
    ],
)
def test_a_comment_covers_its_statement_or_the_body_of_its_function(place, covered):
    text = model(**{place: "exportlint: ignore[EXL101] a reason"})
    kept, _ = suppress(text, *(found(line) for line in range(1, 17)))
    assert [line for line in range(1, 17) if line not in [finding.span.line for finding in kept]] == covered


def test_a_comment_on_any_line_of_a_finding_covers_it():
    assert suppress(model(on_line="exportlint: ignore[EXL101]"), found(9, end_line=11)) == ([], [])


def test_only_the_named_codes_are_suppressed():
    branch, conversion = found(10), found(10, "EXL102")
    assert suppress(model(on_line="exportlint: ignore[EXL101]"), branch, conversion) == ([conversion], [])
    assert suppress(model(on_line="exportlint: ignore[exl101, EXL102] both"), branch, conversion) == ([], [])
    assert suppress(model(on_line="exportlint: ignore both arms agree"), branch, conversion) == ([], [])


def test_a_comment_may_stand_beside_those_of_other_tools():
    assert suppress(model(on_line="noqa: E501  # exportlint: ignore[EXL101] why  # type: ignore"), found(10)) == (
        [],
        [],
    )


def test_a_comment_inside_a_string_is_text():
    finding = found(11)
    assert suppress(model(), finding) == ([finding], [])


@pytest.mark.parametrize(
    ("comment", "complaint"),
    [
        ("ignore[EXL101]", "EXL101: not found here for the selected targets"),
        ("ignore[EXL101, EXL102]", "EXL101 and EXL102: not found here for the selected targets"),
        ("ignore", "nothing is found here for the selected targets"),
        ("ignore[EXL131]", 'no rule has the code EXL131 (did you mean "EXL301"?)'),
        ("ignore[]", "this suppression does nothing: its brackets are empty"),
        ("ignore EXL101", "this suppression does nothing: a code stands in brackets"),
        ("off", "this suppression does nothing: it is not `ignore` or `ignore[CODE]`"),
    ],
)
def test_a_comment_that_does_nothing_is_reported_at_its_place(comment, complaint):
    assert suppress(model(elsewhere=f"exportlint: {comment}")) == ([], [f"16:15 {complaint}"])


def test_a_misread_comment_suppresses_nothing():
    finding = found(16)
    kept, unused = suppress(model(elsewhere="exportlint: ignore EXL101"), finding)
    assert kept == [finding]
    assert len(unused) == 1


def test_one_idle_code_of_several_is_named():
    _, unused = suppress(model(elsewhere="exportlint: ignore[EXL101, EXL102]"), found(16))
    assert unused == ["16:15 EXL102: not found here for the selected targets"]


def test_rules_that_did_not_run_are_not_judged():
    assert suppress(model(elsewhere="exportlint: ignore[EXL301]")) == ([], [])
    quiet = Ran(known=RAN.known, active=frozenset({"EXL101"}), targets=("onnx",))
    assert suppress(model(elsewhere="exportlint: ignore[EXL101]"), ran=quiet) == ([], [])


def test_the_unused_suppression_is_a_finding_for_the_selected_targets():
    text = model(elsewhere="exportlint: ignore[EXL101] why")
    _, (unused,) = apply([], parse("net.py", text, ast.parse(text)), RAN)
    assert (unused.rule, unused.name, unused.severity.value, unused.targets) == (
        "EXL001",
        "unused-suppression",
        "warning",
        ("onnx",),
    )
    assert unused.span == Span("net.py", 16, 15, 16, 47)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_understood(newline):
    text = "if x:  # exportlint: ignore[EXL101]\n    pass\n".replace("\n", newline)
    assert suppress(text, found(1)) == ([], [])


def test_a_body_on_the_line_of_its_head_and_a_file_that_ends_in_a_comment():
    assert suppress("def f(x): return int(x)  # exportlint: ignore[EXL102]", found(1, "EXL102")) == ([], [])
    assert suppress("# exportlint: ignore[EXL102]", found(1, "EXL101"))[1] == [
        "1:1 EXL102: not found here for the selected targets"
    ]

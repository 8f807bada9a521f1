"""A sample of the benchmark of real models: torch's own examples of what can be exported."""

import pytest

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]
EXAMPLES = ("assume_constant_result", "cond_closed_over_variable", "dictionary", "list_contains", "nested_function")
TARGETS = ("trace", "export", "dynamic", "script")


@pytest.fixture(scope="module")
def rows():
    from truth.observe import observe

    return [observe("exportdb", name, TARGETS) for name in EXAMPLES]


@pytest.fixture(scope="module")
def findings(rows):
    from truth.checked import findings_on

    return findings_on(rows, TARGETS)


def test_what_tracing_bakes_is_found(rows, findings):
    from truth.score import scored

    score = scored("trace", rows, findings)
    assert score.of >= 1
    assert (score.missed, score.false) == ((), ())


@pytest.mark.parametrize("target", ["export", "dynamic"])
def test_no_error_on_what_torch_exports(rows, findings, target):
    from truth.score import scored

    score = scored(target, rows, findings)
    assert score.accepted >= 3
    assert (score.missed, score.spoilt) == ((), 0)


def test_the_line_that_scripting_names_is_found(rows, findings):
    from truth.score import scored

    score = scored("script", rows, findings)
    assert score.of >= 2
    assert (score.missed, score.false) == ((), ())


def test_a_miss_and_a_false_error_are_counted():
    from truth.observe import Row
    from truth.score import scored

    row = Row(
        "p", "m", lines={"p/a.py": [3, 4]}, converted=[("p/a.py", 3)], warned=[("p/a.py", 3)], accepted=["export"]
    )
    wrong = {"path": "p/a.py", "line": 4, "end_line": 4, "severity": "error", "targets": ["trace", "export"]}
    wrong |= {"rule": "EXL101"}
    trace, export = (scored(target, [row], [wrong]) for target in ("trace", "export"))
    assert (trace.missed, trace.false) == (("p/a.py:3",), ("p/a.py:4 EXL101",))
    assert (export.false, export.spoilt, export.accepted) == (("p/a.py:4 EXL101",), 1, 1)


def test_what_was_observed_is_read_back(tmp_path, rows):
    from truth import kept

    for row in rows:
        kept.add(tmp_path / "rows", row)
    assert kept.read(tmp_path / "rows") == rows


def test_models_that_end_their_process_say_so(monkeypatch):
    import os

    from truth import processes

    monkeypatch.setattr(processes, "observe", lambda *_: os._exit(3))
    rows = list(processes.observed([("exportdb", "dictionary"), ("exportdb", "list_contains")], TARGETS, workers=2))
    assert {(row.name, row.error) for row in rows} == {
        ("dictionary", "ended its process"),
        ("list_contains", "ended its process"),
    }

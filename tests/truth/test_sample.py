"""A sample of the benchmark of real models: torch's own examples of what can be exported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]
EXAMPLES = ("assume_constant_result", "cond_closed_over_variable", "dictionary", "list_contains", "nested_function")


@pytest.fixture(scope="module")
def findings():
    import torch

    site = Path(torch.__file__).parent.parent
    targets = ["--target", "trace", "--target", "export"]
    command = [sys.executable, "-m", "exportlint", "check", "--output-format", "json", *targets]
    done = subprocess.run(
        [*command, "torch/_export/db/examples"], cwd=site, capture_output=True, text=True, check=False
    )
    return json.loads(done.stdout)["findings"]


@pytest.fixture(scope="module")
def rows():
    from truth.observe import observe

    return [observe("exportdb", name, ("trace", "export")) for name in EXAMPLES]


def test_what_tracing_bakes_is_found(rows, findings):
    from truth.score import trace

    score = trace(rows, findings)
    assert score.of >= 1
    assert (score.missed, score.false) == ((), ())


def test_no_error_on_what_torch_exports(rows, findings):
    from truth.score import refusals

    assert all("export" in row.accepted for row in rows)
    assert refusals("export", rows, findings).false == ()


def test_a_miss_and_a_false_error_are_counted():
    from truth.observe import Row
    from truth.score import refusals, trace

    row = Row(
        "p", "m", lines={"p/a.py": [3, 4]}, converted=[("p/a.py", 3)], warned=[("p/a.py", 3)], accepted=["export"]
    )
    wrong = {"path": "p/a.py", "line": 4, "end_line": 4, "severity": "error", "targets": ["trace", "export"]}
    wrong |= {"rule": "EXL101"}
    assert (trace([row], [wrong]).missed, trace([row], [wrong]).false) == (("p/a.py:3",), ("p/a.py:4 EXL101",))
    assert refusals("export", [row], [wrong]).false == ("p/a.py:4 EXL101",)

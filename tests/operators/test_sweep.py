"""The sweep behind the table: cases as text, what they test, and workers that may die."""

import json
import os
import time

import pytest

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def calls():
    from operators import calls

    return calls


@pytest.mark.parametrize(
    ("call", "layer", "name", "arguments"),
    [
        ("torch.max(x0, 1)", None, "torch.max", {"other|dim": 1}),
        ("torch.max(x0, x1)", None, "torch.max", {"other|dim": "<tensor>"}),
        ("x0.unfold(2, 3, 1)", None, "torch.Tensor.unfold", {"dimension": 2, "size": 3, "step": 1}),
        ("x0 // 2", None, "operator.floordiv", {"0": "<tensor>", "1": 2}),
        ("x0[:, ::2]", None, "operator.getitem", {"step": (None, 2)}),
        ("self.layer(x0)", "nn.Upsample(scale_factor=2, mode='bicubic')", "torch.nn.Upsample", {"mode": "bicubic"}),
        ("y = x0.clone(); y.relu_(); y", None, "torch.Tensor.relu_", {}),
        ("torch.linalg.cholesky(x0 @ x0.t() + 9 * torch.eye(4))", None, "torch.linalg.cholesky", {}),
        ("torch.zeros(4, 4) + x0", None, "torch.zeros", {}),
        ("(x0 > 0).nonzero(as_tuple=True)", None, "torch.Tensor.nonzero", {"as_tuple": True}),
    ],
)
def test_the_operation_under_test_is_found_in_the_text(calls, call, layer, name, arguments):
    found = calls.tested(call, layer)
    assert found.name == name
    assert arguments.items() <= found.arguments.items()


def test_two_operations_at_once_blame_neither(calls):
    assert calls.tested("torch.fft.irfft(torch.fft.rfft(x0))", None) is None


def test_choices_in_the_picked_cases_are_spelled_out():
    from operators.picked import Picked, picked

    found = picked()
    assert len(set(found)) == len(found) > 1000
    assert not any("{" in (one.layer or one.call) for one in found)
    masks = [one for one in found if one.call == "x0.cumsum(1)"]
    assert Picked("x0.cumsum(1)", ("bool[5, 6]",)) in masks  # x1 there; inputs that a case does not use are left out


def test_a_case_is_a_model_that_runs():
    import torch
    from operators.cases import group

    case = group("op:nn.functional.interpolate:bicubic")[0]
    assert "torch.nn.functional.interpolate(x0, " in case.source
    assert case.build()(*case.inputs[0]).dim() == 4
    assert not torch.equal(case.inputs[0][0], case.inputs[1][0])


def answering(connection):
    """Stands in for a worker: dies, hangs or answers, as it is asked."""
    while True:
        request = connection.recv()
        if request == "die":
            os._exit(7)
        if request == "hang":
            time.sleep(60)
        connection.send(request.upper())


def test_a_worker_that_dies_or_hangs_loses_one_answer(monkeypatch):
    from operators import sweep

    monkeypatch.setattr(sweep, "serve", answering)
    monkeypatch.setattr(sweep, "_START", 30)
    worker = sweep.Worker()
    assert worker.ask("one", 5) == "ONE"
    assert worker.ask("die", 5) == sweep.Outcome("crash", "exit status 7")
    assert worker.ask("two", 5) == "TWO"
    assert worker.ask("hang", 0.2).status == "timeout"
    assert worker.ask("three", 5) == "THREE"


def test_what_was_measured_is_not_measured_again(tmp_path, monkeypatch):
    from operators import sweep

    monkeypatch.setattr(sweep, "serve", answering)
    file = tmp_path / "work.jsonl"
    case = {"key": "op:sin:#0", "call": "torch.sin(x0)", "layer": None, "inputs": ["float32[2]"]}
    lines = [
        {"group": "op:sin:", "cases": [case]},
        {"key": "op:sin:#0", "exporter": "onnx-ts", "outcomes": {"9": ["ok", "", 9]}},
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    sweep.sweep(sweep.Results(file), ["op:sin:"], [sweep.Pass(("op:",), 1, {"onnx-ts": (9,)})])
    assert len(file.read_text().splitlines()) == 2


def test_the_letters_of_a_row_are_those_of_its_cells(tmp_path):
    from operators.distilled import distil

    work, table = tmp_path / "work.jsonl", tmp_path / "table.json"
    case = {"key": "op:sin:#0", "call": "torch.sin(x0)", "layer": None, "inputs": ["float32[2, 3]"]}
    ts = {"9": ["export", "no", None], "10": ["ok", "", 10], "12": ["ok", "", 12], "13": ["differs", "by 1", 13]}
    lines = [
        {"group": "op:sin:", "cases": [case]},
        {"key": "op:sin:#0", "exporter": "onnx-ts", "outcomes": ts},
        {"key": "op:sin:#0", "exporter": "onnx", "outcomes": {"13": ["ok", "", 18], "18": ["ok", "", 18]}},
    ]
    work.write_text("".join(json.dumps(line) + "\n" for line in lines))
    distil(work, table)
    stored = json.loads(table.read_text())
    ((arguments, ts, onnx),) = stored["operators"]["torch.sin"]["rows"]
    assert arguments == {"@rank": 2}
    assert ts == "x...d???????"
    assert onnx[4:10] == "s????."

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


BY_SIZE = "x0 * (2 if x0.shape[0] == 4 else 3)"
BY_VALUE = "x0 if x0.sum() > 0 else -x0"


@pytest.mark.parametrize(
    ("call", "way", "opset", "status"),
    [
        ("torch.sinh(x0)", "trace", None, "ok"),
        ("torch.sinh(x0)", "script", None, "ok"),
        ("torch.sinh(x0)", "export dynamic", None, "ok"),
        ("torch.sinh(x0)", "onnx-ts", 17, "export"),
        ("torch.sinh(x0)", "onnx dynamic", 20, "ok"),
        ("x0.bfloat16()", "trace", None, "ok"),
        ("x0.bfloat16()", "script", None, "export"),
        (BY_VALUE, "trace", None, "differs"),
        (BY_VALUE, "script", None, "ok"),
        (BY_VALUE, "export", None, "export"),
        (BY_SIZE, "trace", None, "ok"),
        (BY_SIZE, "trace dynamic", None, "differs"),
        (BY_SIZE, "export dynamic", None, "static"),
        (BY_SIZE, "onnx-ts dynamic", 17, "differs"),
        (BY_SIZE, "onnx dynamic", 20, "differs"),  # the exporter drops the guard that torch.export keeps
        ("x0.reshape(len(list(x0)), 3)", "trace dynamic", None, "breaks"),
        ("x0.reshape(3, 4)", "export dynamic", None, "rigid"),
        ("torch.rand_like(x0)", "trace dynamic", None, "ok"),
    ],
)
def test_each_way_out_is_run_and_compared(call, way, opset, status):
    import torch
    from operators.cases import Case
    from operators.measure import Measured

    first = torch.arange(12.0).reshape(4, 3) + 1
    found = Measured(Case("mine", call, ((first,), (-first,)))).outcome(way, opset)
    assert (found.status, found.got) == (status, opset if status in ("ok", "differs", "static") else None), found.detail


@pytest.mark.parametrize(
    ("call", "shapes", "axes"),
    [
        ("torch.sin(x0)", [(2, 3)], [(0, 1)]),
        ("torch.matmul(x0, x1)", [(2, 3), (3, 4)], [(0, 1), (0, 1)]),
        ("x0 + x1", [(4, 1), (4, 5)], [(0,), (0, 1)]),
        ("torch.nn.functional.linear(x0, x1, x2)", [(2, 3), (4, 3), (4,)], [(0,), (), ()]),
        ("torch.unbind(x0, 0)", [(3, 4)], [(1,)]),
        ("x0.reshape(2, -1)", [(2, 6)], [(0, 1)]),
        ("torch.nn.functional.pixel_shuffle(x0, 2)", [(1, 4, 3, 3)], [(1, 2, 3)]),
        ("torch.linalg.cholesky(x0 @ x0.t() + torch.eye(3))", [(3, 3)], [(1,)]),
    ],
)
def test_axes_are_dynamic_where_eager_mode_takes_another_length(call, shapes, axes):
    import torch
    from operators.cases import Case
    from operators.measure import Measured

    inputs = tuple(tuple(torch.rand(shape) for shape in shapes) for _ in range(2))
    found = Measured(Case("mine", call, inputs))._other_sizes
    assert [*found.axes] == axes
    for one, other, its in zip(found.first, found.second, axes, strict=True):
        assert tuple(axis for axis in range(one.dim()) if one.shape[axis] != other.shape[axis]) == its
        assert not one._is_view()  # torch.export guards what a view is of
        assert not other._is_view()


def test_an_axis_that_becomes_one_is_measured_from_a_larger_size_on():
    import torch
    from operators.cases import Case
    from operators.measure import Measured

    def shapes(layer, *shape):
        found = Measured(Case("mine", "self.layer(x0)", ((torch.rand(shape),),), layer))._other_sizes
        return found.first[0].shape, found.second[0].shape

    assert shapes("nn.Conv2d(2, 4, 3)", 1, 2, 5, 3) == ((1, 2, 5, 4), (1, 2, 6, 5))
    assert shapes("nn.MaxPool1d(4)", 1, 2, 4) == ((1, 2, 8), (1, 3, 12))


def test_a_size_that_eager_mode_warns_of_is_not_taken():
    import torch
    from operators.cases import Case
    from operators.measure import Measured

    case = Case("mine", "self.layer(x0)", ((torch.rand(2, 3, 5),),), "nn.InstanceNorm1d(3)")
    assert Measured(case)._other_sizes.axes == ((0, 2),)


def test_indices_that_stand_once_still_do_at_another_size():
    import torch
    from operators.sizes import other_sizes

    index = torch.tensor([3, 0, 2, 1])
    found = other_sizes((index,), (index.flip(0),), (), lambda inputs: [*inputs])
    assert found.second[0].tolist() == [3, 0, 2]


def test_weights_of_a_loss_are_no_parameters(calls):
    assert calls.weights("torch.nn.functional.conv2d(x0, x1, bias=x2)") == [1, 2]
    assert calls.weights("torch.nn.functional.binary_cross_entropy(x0, x1, weight=x2)") == []
    assert calls.weights("x0.lerp(x1, x2)") == []
    assert calls.weights("torch.nn.functional.embedding_bag(x0, x1, offsets=x2)") == [1, 2]


def test_dynamic_cells_are_of_the_first_case_that_takes_other_sizes():
    from operators.sweep import chosen

    cases = [{"key": "rigid"}, {"key": "crash"}, {"key": "broken", "unusable": "no"}, {"key": "ok"}]

    def keys(these, way):
        return [case["key"] for case in chosen(these, 1, way, lambda key: key)]

    assert keys(cases, "trace") == ["rigid"]
    assert keys(cases, "trace dynamic") == ["ok"]
    assert keys(cases[:3], "trace dynamic") == ["rigid"]
    assert keys(cases[1:3], "trace dynamic") == []


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
        {"key": "op:sin:#0", "exporter": "trace", "outcomes": {"null": ["ok", "", None]}},
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    one = sweep.Pass(("op:",), 1, {"onnx-ts": (9,), "trace": (None,)})
    sweep.sweep(sweep.Results(file), ["op:sin:"], [one])
    assert len(file.read_text().splitlines()) == 3
    assert one.only(["trace"]).opsets == {"trace": (None,)}


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


SIN = "op:sin:#0"


def written(path, cells):
    """A work file with two cases of torch.sin that have the same arguments."""
    case = {"call": "torch.sin(x0)", "layer": None, "inputs": ["float32[2, 3]"]}
    lines = [{"group": "op:sin:", "cases": [{"key": SIN, **case}, {"key": "op:sin:#1", **case}]}]
    lines += [{"key": key, "exporter": way, "outcomes": outcomes} for key, way, outcomes in cells]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_further_letters_are_added_to_rows_that_are_there(tmp_path):
    from operators.distilled import distil

    exported = (SIN, "onnx-ts", {"9": ["ok", "", 9]})
    distil(written(tmp_path / "first.jsonl", [exported]), tmp_path / "table.json")
    before = json.loads((tmp_path / "table.json").read_text())
    ((*row,),) = before["operators"]["torch.sin"]["rows"]
    assert len(row) == 3

    cells = [
        (SIN, "trace", {"null": ["ok", "", None]}),
        (SIN, "script", {"null": ["ok", "", None]}),
        ("op:sin:#1", "script", {"null": ["export", "no", None]}),
        (SIN, "export", {"null": ["breaks", "no", None]}),
        (SIN, "trace dynamic", {"null": ["rigid", "", None]}),
        ("op:sin:#1", "trace dynamic", {"null": ["ok", "", None]}),
        (SIN, "onnx-ts dynamic", {"13": ["ok", "", 13], "17": ["static", "x0 axis 0", 17]}),
    ]
    distil(written(tmp_path / "second.jsonl", cells), tmp_path / "table.json", before)
    after = json.loads((tmp_path / "table.json").read_text())
    assert after["operators"]["torch.sin"]["rows"] == [[*row, ".~b.?.=??"]]

    more = [(SIN, "export", {"null": ["ok", "", None]})]
    distil(written(tmp_path / "third.jsonl", more), tmp_path / "table.json", after)
    again = json.loads((tmp_path / "table.json").read_text())
    assert again["operators"]["torch.sin"]["rows"] == [[*row, ".~..?.=??"]]


def test_what_no_exporter_measured_has_no_row(tmp_path):
    from operators.distilled import distil

    distil(written(tmp_path / "work.jsonl", [(SIN, "trace", {"null": ["ok", "", None]})]), tmp_path / "table.json")
    assert json.loads((tmp_path / "table.json").read_text())["operators"] == {}

"""What was measured of a call: facts that anyone can check with one export each."""

import pytest

from exportlint.finding import Confidence, Span
from exportlint.flow.events import OperatorCall
from exportlint.operators.names import UNKNOWN
from exportlint.operators.support import Support, advice, asked, support


def status(name, exporter, opset, **arguments):
    return support(name, arguments, exporter, opset, "2.13").status


@pytest.mark.parametrize("name", ["torch.tril", "torch.Tensor.tril"])
def test_a_triangle_needs_opset_fourteen(name):
    assert status(name, "onnx-ts", 13) == "not-available"
    assert status(name, "onnx-ts", 14) == "ok"
    assert status(name, "onnx", 20) == "ok"


def test_the_lowest_opset_and_the_other_exporter_are_known():
    found = support("torch.nn.functional.grid_sample", {"input": UNKNOWN, "grid": UNKNOWN}, "onnx-ts", 11, "2.13")
    assert found.status == "not-available"
    assert found.lowest_from(11) == 16
    assert dict(found.others)["onnx"] >= 11


def test_the_mode_decides_how_a_picture_may_be_resized():
    assert status("torch.nn.functional.interpolate", "onnx-ts", 9, size=UNKNOWN, mode="bicubic") == "not-available"
    assert status("torch.nn.functional.interpolate", "onnx-ts", 11, size=UNKNOWN, mode="bicubic") == "ok"
    antialias = {"size": UNKNOWN, "mode": "bicubic", "antialias": True}
    assert status("torch.nn.functional.interpolate", "onnx-ts", 17, **antialias) == "not-available"
    assert status("torch.nn.Upsample", "onnx-ts", 17, scale_factor=2, mode="bicubic") == "ok"


def test_an_ignored_argument_makes_the_file_wrong():
    given = {"kernel_size": 3, "stride": 1, "padding": 1, "ceil_mode": True, "count_include_pad": False}
    assert status("torch.nn.functional.avg_pool2d", "onnx", 20, **given, divisor_override=2) == "differs"
    assert status("torch.nn.functional.avg_pool2d", "onnx", 20, kernel_size=2) == "ok"


def test_the_dtype_decides_where_it_is_known():
    given = {"0": UNKNOWN, "1": UNKNOWN}
    assert status("operator.and_", "onnx-ts", 17, **given, **{"@dtype": "int64"}) == "not-available"
    assert status("operator.and_", "onnx-ts", 17, **given, **{"@dtype": "bool"}) == "ok"
    assert status("torch.all", "onnx-ts", 17, **{"@dtype": "float32"}) == "runtime-refuses"
    assert status("torch.all", "onnx-ts", 17, **{"@dtype": "bool"}) == "ok"


@pytest.mark.parametrize("dtype", ["int64", "int32", "bool"])
def test_what_only_scalars_fail_at_is_not_said_of_a_dtype(dtype):
    given = {"0": UNKNOWN, "dim": 0, "index": UNKNOWN}
    assert status("torch.index_select", "onnx-ts", 20, **given, **{"@dtype": dtype}) == "ok"


def test_what_is_made_unique_is_mostly_integers():
    for name in ("torch.unique_consecutive", "torch.unique"):
        event = OperatorCall(Span("", 1, 1, 1, 2), "", frozenset(), Confidence.HIGH, True, name, (), ("0",), None)
        assert status(name, "onnx", 20, **asked(event)) == "ok"
    assert status("torch.unique_consecutive", "onnx", 20, **{"0": UNKNOWN, "@dtype": "float32"}) == "not-available"
    assert status("torch.unique", "onnx-ts", 20, return_inverse=True, **{"@dtype": "int64"}) == "ok"
    assert status("torch.unique", "onnx-ts", 20, return_inverse=True, **{"@rank": 4}) == "differs"


def test_a_file_that_silently_keeps_another_opset_is_told():
    assert status("torch.flatten", "onnx", 13, start_dim=1) == "other-opset"
    assert status("torch.flatten", "onnx", 18, start_dim=1) == "ok"
    assert status("torch.exp", "onnx", 13) == "ok"


@pytest.mark.parametrize("name", ["torch.sinh", "torch.Tensor.sinh", "torch.Tensor.sinh_"])
def test_method_function_and_in_place_form_have_one_answer(name):
    assert status(name, "onnx-ts", 17) == "not-available"
    assert status(name, "onnx", 20) == "ok"


@pytest.mark.parametrize(
    ("name", "exporter", "opset"),
    [
        ("torch.no_such_thing", "onnx", 20),
        ("torch.sinh", "onnx", 99),
        ("torch.sinh", "trace", 17),
        ("mine.op", "onnx", 18),
    ],
)
def test_what_was_not_measured_is_unknown(name, exporter, opset):
    assert status(name, exporter, opset) == "unknown"


def test_an_event_says_what_is_given_and_what_is_known_of_it():
    event = OperatorCall(
        span=Span("net.py", 1, 1, 1, 2),
        symbol="Net.forward",
        targets=frozenset(("onnx",)),
        confidence=Confidence.HIGH,
        certain=True,
        name="torch.nn.functional.pad",
        arguments=(("mode", "reflect"), ("shape", (2, 3, None))),
        given=("input", "pad", "mode"),
        dtype="int64",
    )
    found = asked(event)
    assert found["mode"] == "reflect"
    assert found["pad"] is UNKNOWN
    assert (found["@rank"], found["@dtype"]) == (3, "int64")


def test_advice_names_only_what_was_measured_to_work():
    assert "opset 16 or later" in advice(Support("not-available", (16, 17, 18)), "onnx-ts", 11)
    assert "opset 18 at most" in advice(Support("not-available", (16, 17, 18)), "onnx-ts", 20)
    assert "target onnx at opset 18" in advice(Support("not-available", (), (("onnx", 18),)), "onnx-ts", 11)
    assert "other operations" in advice(Support("not-available"), "onnx-ts", 11)

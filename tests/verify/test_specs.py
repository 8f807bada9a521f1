"""How models are built and what they are called with."""

from __future__ import annotations

import pytest

from tests.verify.conftest import Verify

pytestmark = pytest.mark.torch

ADD = """
class Net(nn.Module):
    def __init__(self, by=1):
        super().__init__()
        self.by = by

    def forward(self, x, y=None):
        return x + self.by if y is None else x + y
"""


def test_inputs_from_shapes_imply_dynamic_dimensions(verify: Verify) -> None:
    result = verify(ADD, "trace", inputs={"x": "float32[batch, 3]"})
    assert (result.status, result.checks["dynamic"]) == ("ok", "ok")


@pytest.mark.parametrize(
    "declared",
    [
        "example_input_array = torch.ones(2)",
        "example_input_array = (torch.ones(2), torch.ones(2))",
        "dummy_inputs = {'x': torch.ones(2), 'y': torch.ones(2)}",
        "def example_inputs(self):\n        return (torch.ones(2),), {'y': torch.ones(2)}",
    ],
)
def test_inputs_that_the_model_declares(verify: Verify, declared: str) -> None:
    result = verify(f"{ADD}\n    {declared}\n", "trace")
    assert result.status == "ok", result.reason


def test_without_inputs_the_result_says_what_to_write(verify: Verify) -> None:
    result = verify("""
    class Net(nn.Module):
        def forward(self, graph):
            return graph.nodes[0] * 2
    """)
    assert result.status == "no-spec"
    assert 'inputs = { graph = "float32[batch, ...]" }' in result.reason
    assert "calls ran" in result.reason
    assert "--inputs" in result.reason


def test_missing_constructor_arguments_are_named(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self, width, depth, *, heads, drop=0.1):
            super().__init__()
            heads.of(depth)
    """
    result = verify(source, "trace", args=(3,), inputs={"x": "float32[2]"})
    assert result.status == "no-spec"
    assert "kwargs = { depth = ..., heads = ... }" in result.reason


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ({"entry": "Nett", "inputs": {"x": "float32[2]"}}, "has no Nett"),
        ({"entry": "HEIGHT", "inputs": {"x": "float32[2]"}}, "int"),
        ({"inputs": {"z": "float32[2]"}}, "do not fit forward"),
        ({"inputs": {"x": "float33[2]"}}, "is no shape"),
        ({"inputs": {"x": "float32[2]"}, "dynamic": {"z": {0: "n"}}}, "no tensor of that name; the inputs are x"),
        ({"inputs": {"x": "float32[2]"}, "dynamic": {"x": {1: "n"}}}, "x has 1 dimensions"),
        ({"inputs": "absent.py::inputs"}, "absent.py does not exist"),
    ],
)
def test_specifications_that_do_not_fit(verify: Verify, job: dict, said: str) -> None:
    result = verify(f"HEIGHT = 3\n{ADD}", "trace", **job)
    assert result.status == "no-spec"
    assert said in result.reason


def test_a_factory_and_its_arguments(verify: Verify) -> None:
    source = f"{ADD}\n\ndef make(by):\n    return Net(by)\n"
    result = verify(source, "trace", entry="make", kwargs={"by": 4}, inputs={"x": "int64[3] < 9"})
    assert result.status == "ok", result.reason


def test_containers_scalars_and_keywords_reach_the_model(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, pair, table, *, shift, both=False):
            return {"sum": pair[0] + pair[1] if both else pair[0], "rest": [table["a"] + shift]}

    def inputs():
        return (([torch.ones(2), torch.ones(2)], {"a": torch.ones(3)}), {"both": True, "shift": torch.ones(3)})
    """
    for target in ("export", "onnx"):
        result = verify(source, target, dynamic={"table.a": {0: "n"}, "shift": {0: "n"}})
        assert result.status == "ok", result.reason
        assert result.checks["dynamic"] == "ok"


def test_python_numbers_that_become_inputs_of_the_file_are_varied(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x, n: int):
            if n > 3:
                return x * 2
            return x

    def inputs():
        return torch.ones(2), 2
    """
    assert verify(source, "script").status == "ok"

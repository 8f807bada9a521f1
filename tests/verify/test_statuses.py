"""Real exports: each target, each status that the user's code can bring about, and the line it is traced to."""

from __future__ import annotations

import pytest

from tests.verify.conftest import Verify

pytestmark = pytest.mark.torch

LINEAR = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x).relu()


def inputs():
    return (torch.randn(3, 4),)
"""
GATE = """
class Net(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x * 2
        return -x


def inputs():
    return (torch.ones(3),)
"""


@pytest.mark.parametrize("target", ["trace", "script", "export", "onnx", "onnx-ts"])
def test_a_good_model_agrees_on_many_inputs_and_sizes(verify: Verify, target: str) -> None:
    result = verify(LINEAR, target, dynamic={"x": {0: "batch"}})
    assert result.status == "ok", result.reason
    assert result.inputs_tried > 20
    assert result.checks["dynamic"] == "ok"
    assert result.max_abs is not None
    assert result.max_abs < 1e-3
    assert {"build", "export", "run"} <= set(result.seconds)


@pytest.mark.parametrize("target", ["trace", "onnx-ts"])
def test_a_frozen_branch_is_exposed_at_its_line_with_the_input_that_shows_it(verify: Verify, target: str) -> None:
    result = verify(GATE, target)
    assert (result.status, result.line, result.rule) == ("mismatch", 7, "EXL101")
    assert result.counterexample is not None
    (value,) = result.counterexample.inputs
    assert (value.name, value.shape) == ("x", (3,))
    assert "-1." in value.text
    assert (result.expected, result.got) == ("1", "-2")


def test_scripting_keeps_both_sides_of_a_branch(verify: Verify) -> None:
    result = verify(GATE, "script")
    assert result.status == "ok", result.reason
    assert result.checks["decisions"] == "1 of 1 seen both ways"


@pytest.mark.parametrize("target", ["export", "onnx"])
def test_an_export_that_cannot_guard_is_traced_to_the_branch(verify: Verify, target: str) -> None:
    result = verify(GATE, target)
    assert (result.status, result.line, result.rule) == ("export-failed", 7, "EXL101")
    assert "Could not guard" in result.reason


def test_an_operator_that_the_opset_lacks_is_traced_to_its_call(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, a, b):
            return torch.einsum("bnd,bmd->bnm", a, b)

    def inputs():
        return torch.randn(1, 2, 3), torch.randn(1, 4, 3)
    """
    result = verify(source, "onnx-ts", opset=11)
    assert (result.status, result.line, result.rule) == ("export-failed", 7, "EXL501")
    assert result.opset.asked == 11


@pytest.mark.parametrize("target", ["trace", "onnx-ts"])
def test_a_compiled_module_that_no_tracer_takes_is_found_where_it_is_compiled(verify: Verify, target: str) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = torch.compile(nn.Linear(3, 3), backend="eager")

        def forward(self, x):
            return self.net(x)

    def inputs():
        return (torch.randn(2, 3),)
    """
    result = verify(source, target)
    assert (result.status, result.line) == ("export-failed", 8), result.reason


def test_a_script_error_names_the_line_and_the_untyped_parameter(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x, steps=3):
            for _ in range(steps):
                x = x + 1
            return x

    def inputs():
        return (torch.ones(2),)
    """
    result = verify(source, "script")
    assert (result.status, result.rule) == ("export-failed", "EXL401")
    assert result.line in (6, 7)


def test_a_file_at_another_opset_than_asked_for_is_a_mismatch(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x):
            return F.interpolate(x, scale_factor=2.0, mode="bilinear").mean((2, 3))

    def inputs():
        return (torch.randn(1, 4, 3, 3),)
    """
    result = verify(source, "onnx", opset=14)
    assert result.status == "mismatch"
    assert (result.opset.asked, result.opset.got) == (14, 18)
    assert "asked for opset 14, the file is at 18" in result.reason


SIZES = {
    "a loop over a dimension": (
        "out = 0\n        for i in range(x.shape[0]):\n            out = out + x[i]\n        return out",
        7,
    ),
    "a branch on a dimension": ("if x.shape[0] > 4:\n            return x * 2\n        return x", 6),
    "a dimension as a number": ("return x.view(int(x.shape[0]), -1).sum(0).repeat(int(x.shape[0]))", 6),
}


@pytest.mark.parametrize(("body", "line"), SIZES.values(), ids=SIZES)
def test_a_dimension_that_is_only_declared_dynamic_is_exposed_by_other_sizes(
    verify: Verify, body: str, line: int
) -> None:
    model = f"\nclass Net(nn.Module):\n    def forward(self, x):\n        {body}\n"
    source = f"{model}\ndef inputs():\n    return (torch.randn(3, 4),)\n"
    result = verify(source, "trace", dynamic={"x": {0: "n"}})
    assert (result.status, result.line) == ("mismatch", line + 1)
    assert result.rule == "EXL301"
    assert result.checks["dynamic"] == "mismatch"


def test_a_number_taken_out_of_a_tensor_is_blamed_not_the_sizes_it_makes(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x, offset):
            start = int(offset)
            return x[start:]

    def inputs():
        return torch.randn(6), torch.tensor(1)
    """
    result = verify(source, "trace")
    assert (result.status, result.line, result.rule) == ("mismatch", 7, "EXL201")


def test_numpy_in_the_forward_path_is_blamed(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x):
            squared = torch.from_numpy(x.detach().numpy() ** 2)
            return x + squared

    def inputs():
        return (torch.randn(3, 4),)
    """
    result = verify(source, "trace")
    assert (result.status, result.line, result.rule) == ("mismatch", 7, "EXL202")


def test_a_difference_that_no_decision_explains_is_traced_to_the_operator(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, a, b):
            a = a + 1
            quotient = a // b
            return quotient * 3

    def inputs():
        return torch.tensor([7, 8, 9]), torch.tensor([2, 3, 4])
    """
    result = verify(source, "onnx-ts")
    assert (result.status, result.line, result.rule) == ("mismatch", 8, None)


def test_dropout_that_ignores_training_is_a_mismatch(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x):
            return F.dropout(x * 2, 0.5)

    def inputs():
        return (torch.ones(64),)
    """
    result = verify(source, "onnx")
    assert (result.status, result.line, result.rule) == ("mismatch", 7, "EXL601")


def test_random_numbers_on_purpose_are_compared_by_shape_only(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x):
            return x + torch.rand(x.size())

    def inputs():
        return (torch.ones(2, 8),)
    """
    result = verify(source, "onnx")
    assert result.status == "ok", result.reason
    assert result.checks["values"].startswith("skipped: random")


def test_random_numbers_frozen_into_the_file_are_a_mismatch(verify: Verify) -> None:
    source = """
    import random

    class Net(nn.Module):
        def forward(self, x):
            return x + random.random()

    def inputs():
        return (torch.ones(2),)
    """
    result = verify(source, "onnx-ts")
    assert result.status == "mismatch"
    assert "frozen" in result.reason


def test_state_that_eager_mode_keeps_and_the_export_loses(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("seen", torch.zeros(3))

        def forward(self, x):
            self.seen += x
            return self.seen * 1

    def inputs():
        return (torch.ones(3),)
    """
    lost = verify(source, "onnx")
    assert (lost.status, lost.checks["state"]) == ("mismatch", "mismatch")
    assert lost.counterexample is not None
    assert lost.counterexample.family == "example, called 2 times"
    assert verify(source, "script").status == "ok"


def test_state_that_shows_after_several_calls_only(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.calls = 0

        def forward(self, x):
            self.calls += 1
            if self.calls > 2:
                return x * 2
            return x * 1

    def inputs():
        return (torch.ones(3),)
    """
    lost = verify(source, "trace")
    assert (lost.status, lost.line) == ("mismatch", 12)
    assert lost.counterexample is not None
    assert lost.counterexample.family == "example, called 3 times"


def test_a_trace_that_fixed_the_device_is_told(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x):
            return x + torch.zeros(3).to(x.device)

    def inputs():
        return (torch.ones(2, 3),)
    """
    result = verify(source, "trace")
    assert (result.status, result.line) == ("mismatch", 7)
    assert "device" in result.reason
    assert verify(source, "script").status == "ok"


def test_a_model_that_raises_is_not_runnable_at_the_users_line(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(5, 2)

        def forward(self, x):
            return self.fc(x)

    def inputs():
        return (torch.randn(1, 4),)
    """
    result = verify(source, "onnx")
    assert (result.status, result.line) == ("not-runnable", 11)
    assert "cannot be multiplied" in result.reason


@pytest.mark.parametrize(
    ("source", "said", "line"),
    [
        ("\nclass Net(nn.Module):\n    def __init__(self):\n        raise ValueError('no weights')\n", "no weights", 7),
        ("\nimport not_there\n", "not_there", 5),
        ("\nclass Net(nn.Module:\n", "SyntaxError", 5),
        ("\nclass Net(nn.Module):\n    def __init__(self):\n        raise SystemExit(3)\n", "SystemExit", 7),
    ],
)
def test_a_model_that_cannot_be_built_is_not_runnable(verify: Verify, source: str, said: str, line: int) -> None:
    result = verify(source, "trace", inputs={"x": "float32[2]"})
    assert (result.status, result.line) == ("not-runnable", line)
    assert said in result.reason


def test_the_models_own_prints_and_warnings_change_nothing(verify: Verify, capfd: pytest.CaptureFixture[str]) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x):
            print('{"status": "ok"}')
            return x + 1

    def inputs():
        return (torch.ones(2),)
    """
    assert verify(source, "trace").status == "ok"
    assert '{"status": "ok"}' in capfd.readouterr().out


def test_exported_files_are_kept_on_request(verify: Verify, tmp_path) -> None:
    assert verify(LINEAR, "trace", artifacts=str(tmp_path)).status == "ok"
    (file,) = tmp_path.rglob("*.pt")
    import torch

    assert torch.jit.load(str(file))(torch.ones(1, 4)).shape == (1, 2)

"""What comparing values alone does not tell: vanished inputs, fixed dimensions, training left in, draws, noise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.verify.conftest import Verify

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from exportlint.verify import targets  # noqa: E402  torch may be absent
from exportlint.verify.targets import Exported, FileRefused, Request, runtime  # noqa: E402

pytestmark = pytest.mark.torch
export_to = targets.export_to
SUM = """
class Net(nn.Module):
    def forward(self, x):
        y = x * 2
        return y.tanh()

def inputs():
    return (torch.ones(2, 3),)
"""


def edited(monkeypatch: pytest.MonkeyPatch, edit) -> None:
    """Lets `edit(model)` change each ONNX file that is exported before it is loaded again."""

    def export(target: str, request: Request) -> Exported:
        exported = export_to(target, request)
        file = exported.files[0]
        model = onnx.load(str(file))
        edit(model)
        onnx.save(model, str(file))
        again = runtime.exported(file, runtime.load(file), exported.inputs, request)
        return replace(again, how=exported.how)

    monkeypatch.setattr(targets, "export_to", export)


def test_an_input_that_vanished_is_named(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x, weight):
            return x * float(weight)

    def inputs():
        return torch.ones(2), torch.tensor(3.0)
    """
    result = verify(source, "onnx-ts")
    assert (result.status, result.line) == ("mismatch", 7)
    assert result.reason.startswith("the file has no input weight, which the model uses; ")


def test_an_input_that_nothing_uses_may_vanish_and_is_noted(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x, unused):
            return x * 2

    def inputs():
        return torch.ones(2), torch.ones(2)
    """
    result = verify(source, "onnx-ts")
    assert result.status == "ok", result.reason
    assert result.checks["inputs"] == "the file has no input unused"


def test_a_dimension_that_came_out_static_is_a_failure(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    def fix(model) -> None:
        # the runtime would only warn of an output; a size that eager mode refuses to change shows nothing either
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 2

    edited(monkeypatch, fix)
    # eager mode takes no other size, so that values cannot tell
    source = SUM.replace("y = x * 2", "y = x * torch.ones(2, 1)")
    result = verify(source, "onnx-ts", dynamic={"x": {0: "batch"}})
    assert result.status == "mismatch"
    assert "declared dynamic and is fixed at 2" in result.reason or "invalid dimensions" in result.reason


def test_a_dropout_left_in_training_mode_is_a_failure_at_its_line(
    verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drop(model) -> None:
        node = next(node for node in model.graph.node if node.op_type == "Mul")
        ratio = onnx.numpy_helper.from_array(torch.tensor(1e-9).numpy(), "ratio")
        mode = onnx.numpy_helper.from_array(torch.tensor(True).numpy(), "mode")
        model.graph.initializer.extend([ratio, mode])
        dropout = onnx.helper.make_node("Dropout", ["mul_out", "ratio", "mode"], [node.output[0]], name="left_in")
        dropout.metadata_props.extend(node.metadata_props)
        node.output[0] = "mul_out"
        model.graph.node.insert(list(model.graph.node).index(node) + 1, dropout)
        del model.graph.value_info[:]

    edited(monkeypatch, drop)
    result = verify(SUM, "onnx")
    assert (result.status, result.line) == ("mismatch", 7)
    assert "a Dropout in training mode (left_in)" in result.reason
    assert result.checks["training"] == "mismatch"


def test_weights_missing_beside_the_file_are_a_refusal(tmp_path: Path) -> None:
    big = torch.nn.Linear(512, 512)
    file = tmp_path / "model.onnx"
    torch.onnx.export(big, (torch.ones(1, 512),), str(file), dynamo=True, external_data=True, verbose=False)
    runtime.load(file)
    (tmp_path / "model.onnx.data").unlink()
    with pytest.raises(FileRefused, match=r"model\.onnx\.data|external"):
        runtime.load(file)


RANDOM = """
class Net(nn.Module):
    def forward(self, x):
        return x + {draw}

def inputs():
    return (torch.zeros(4),)
"""


@pytest.mark.parametrize(("exported", "status"), [("RandomNormalLike", "ok"), ("RandomUniformLike", "mismatch")])
def test_random_outputs_must_have_the_same_distribution(
    verify: Verify, monkeypatch: pytest.MonkeyPatch, exported: str, status: str
) -> None:
    def draw(model) -> None:
        for node in model.graph.node:
            if node.op_type.startswith("RandomNormal"):
                node.op_type = node.op_type.replace("RandomNormalLike", exported)
                if exported != "RandomNormalLike":
                    kept = [attribute for attribute in node.attribute if attribute.name == "dtype"]
                    del node.attribute[:]
                    node.attribute.extend(kept)

    edited(monkeypatch, draw)
    result = verify(RANDOM.format(draw="torch.randn_like(x)"), "onnx-ts")
    assert result.status == status, result.reason
    assert status == "ok" or "distributed otherwise: expected mean" in result.reason


def test_a_draw_frozen_to_a_constant_is_a_failure(verify: Verify) -> None:
    source = RANDOM.format(draw="torch.from_numpy(__import__('numpy').random.randn(4)).float()")
    result = verify(source, "onnx-ts")
    assert result.status == "mismatch"


def test_the_noise_of_eager_mode_is_measured(verify: Verify) -> None:
    source = SUM.replace("y = x * 2", "y = (x * 1e6 + 0.3) - x * 1e6").replace("torch.ones(2, 3)", "torch.rand(2, 3)")
    rough, smooth = verify(source, "trace"), verify(SUM, "trace")
    assert smooth.status == rough.status == "ok", rough.reason
    assert smooth.noise is not None
    assert rough.noise is not None
    assert 0 < smooth.noise < 1e-6
    assert rough.noise > 1e-3


def test_a_weight_off_by_a_hundred_thousandth_is_found_at_its_line(
    verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    def off(model: onnx.ModelProto) -> None:
        (weight,) = [tensor for tensor in model.graph.initializer if tensor.name.endswith("weight")]
        weight.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(weight) * 1.00001, weight.name))

    edited(monkeypatch, off)
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(8, 8)

        def forward(self, x):
            y = x.tanh()
            y = self.linear(y)
            return y * 2

    def inputs():
        return (torch.rand(2, 8),)
    """
    result = verify(source, "onnx")
    assert (result.status, result.line) == ("mismatch", 12), result.reason


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("return x * 2 if x.shape[0] > 4 else x", "mismatch", "holds for x.shape[0] <= 4 only"),
        ("assert x.shape[0] <= 4; return x * 2", "ok", "holds for x.shape[0] <= 4 only"),
        ("return x * 2", "ok", None),
    ],
)
def test_a_guard_that_the_file_lacks_is_told(verify: Verify, body: str, status: str, said: str | None) -> None:
    source = f"class Net(nn.Module):\n    def forward(self, x):\n        {body}\n"
    result = verify(source, "onnx", inputs={"x": "float32[batch, 3]"})
    assert (result.status, "guards" in result.checks) == (status, said is not None)
    if said:
        assert said in result.checks["guards"]
        assert (said in result.reason) == (status == "mismatch")


def test_batch_norm_left_in_training_mode_is_told_at_its_line(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("mean", torch.zeros(3))
            self.register_buffer("variance", torch.ones(3))

        def forward(self, x):
            y = x + 1
            return F.batch_norm(y, self.mean, self.variance, training=True)

    def inputs():
        return (torch.randn(4, 3, 5),)
    """
    result = verify(source, "onnx-ts")
    assert (result.status, result.line, result.checks["training"]) == ("mismatch", 13, "mismatch")
    assert "BatchNormalization in training mode" in result.reason
    good = verify(source.replace("training=True", "training=self.training"), "onnx-ts")
    assert good.status == "ok", good.reason


@pytest.mark.parametrize("target", ["onnx", "onnx-ts"])
def test_defaults_and_a_table_as_the_last_argument_are_handed_over(verify: Verify, target: str) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, table, flip: bool = False, times: int = 2, more=None, by: float = 1.5):
            x = table["a"] if not flip else -table["a"]
            return x * times * by if more is None else x + more

    def inputs():
        return ({"a": torch.randn(2, 3)},)
    """
    result = verify(source, target)
    assert result.status == "ok", result.reason


def test_an_input_that_is_written_to_is_noted_where_a_file_cannot(verify: Verify) -> None:
    source = """
    class Net(nn.Module):
        def forward(self, x, kept):
            kept[:, 0] = x[:, 0]
            return x + kept

    def inputs():
        return torch.randn(2, 3), torch.zeros(2, 3)
    """
    result = verify(source, "onnx-ts")
    assert result.status == "ok", result.reason
    assert result.checks["mutated"] == "the model writes to its input kept; the file leaves it as it was"

"""What a runtime loads and an exporter writes is what was measured."""

import pytest

from exportlint.data import runtimes
from exportlint.operators.runtimes import Runtime, first_for, ir_written, of_release


@pytest.mark.parametrize(
    ("asked", "release"), [("1.20.1", "1.20"), ("1.17", "1.17"), ("1.99.0", "1.32"), ("2.0", "1.32")]
)
def test_the_newest_measured_release_that_is_not_newer_speaks(asked, release):
    assert of_release(asked).release == release


def test_nothing_speaks_for_a_release_older_than_all():
    assert of_release("1.14.1") is None


def test_the_oldest_release_that_loads_a_file():
    assert first_for(20, 10) == Runtime("1.18", 21, 10)
    assert first_for(99, 10) is None


@pytest.mark.torch
def test_the_installed_runtime_loads_what_its_row_says():
    from importlib.metadata import version

    from measure_runtimes import measured

    release = ".".join(version("onnxruntime").split(".")[:2])
    if release not in runtimes():
        pytest.skip(f"onnxruntime {release} was not measured; tools/measure_runtimes.py does")
    assert measured() == {release: runtimes()[release]}


@pytest.mark.torch
@pytest.mark.parametrize(("target", "opset"), [("onnx-ts", 17), ("onnx-ts", 20), ("onnx-ts", 21), ("onnx", 18)])
def test_an_exporter_writes_the_ir_version_that_is_said(target, opset, tmp_path):
    import onnx
    import torch

    file = tmp_path / "net.onnx"
    net, x = torch.nn.Linear(2, 2).eval(), torch.ones(1, 2)
    torch.onnx.export(net, (x,), file, opset_version=opset, dynamo=target == "onnx")
    assert onnx.load(file).ir_version == ir_written(target, opset)

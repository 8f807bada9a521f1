"""The graph in float16 (inputs and outputs stay float32) keeps the answers near, and none overflows."""

from __future__ import annotations

import warnings

import onnx
import torch
from onnxruntime.transformers.float16 import convert_float_to_float16

from exportlint.verify.check import ONNX, Check
from exportlint.verify.endings import Failed
from exportlint.verify.subject import Subject, share

LARGEST_DROP = 0.02  # of the length of an output; float16 keeps three digits
HIGHEST = 65504.0  # of float16


def run(subject: Subject) -> str:
    """How far the answers are off, and the size with external data."""
    model = onnx.load(str(subject.file))
    for one in model.graph.initializer:
        if one.data_type == onnx.TensorProto.FLOAT:
            values = onnx.numpy_helper.to_array(one)
            if values.size and abs(values).max() > HIGHEST:
                raise Failed(f"the weight {one.name} holds {abs(values).max():.3g}, above {HIGHEST:g}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of each weight that float16 rounds to its smallest number
        halved = convert_float_to_float16(model, keep_io_types=True)
    file = subject.folder / "half-precision.onnx"
    onnx.save(halved, str(file), save_as_external_data=True, location="half-precision.onnx.data")
    drop = subject.drop(subject.exported.opened(file))
    _stays_finite(subject, model, halved)
    after = sum(part.stat().st_size for part in file.parent.glob("half-precision.onnx*"))
    said = f"answers {share(drop)} off, {after:,} bytes of {subject.size:,}"
    if drop > LARGEST_DROP:
        raise Failed(f"{said}; at most {share(LARGEST_DROP)} is allowed")
    return said


def _stays_finite(subject: Subject, model: onnx.ModelProto, halved: onnx.ModelProto) -> None:
    """Raises Failed for a value inside the graph that only float16 makes infinite or NaN.

    On the CPU, ONNX Runtime computes float16 in float32 and leaves out casts between nodes; a value that is asked for
    is rounded all the same.
    """
    whole = _values(subject, model, "whole")
    for name, value in _values(subject, halved, "halved").items():
        broken = value.is_floating_point() and not bool(value.isfinite().all())
        if broken and name in whole and bool(whole[name].isfinite().all()):
            raise Failed(f"the value {name} overflows: {float(whole[name].abs().max()):.3g} is above {HIGHEST:g}")


def _values(subject: Subject, model: onnx.ModelProto, name: str) -> dict[str, torch.Tensor]:
    """Every tensor that the graph computes on the example, by name."""
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    del shown.graph.output[:]
    made = [node for node in shown.graph.node if not node.op_type.startswith(("Sequence", "Split", "Optional"))]
    names = [output for node in made for output in node.output if output]
    shown.graph.output.extend(onnx.ValueInfoProto(name=output) for output in names)
    file = subject.folder / f"half-precision-{name}.onnx"
    onnx.save(shown, str(file), save_as_external_data=True, location=f"{file.name}.data")
    return dict(zip(names, subject.exported.opened(file)(subject.call), strict=True))


CHECK = Check(ONNX, run)

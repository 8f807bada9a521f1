"""What an exported ONNX file itself tells: inputs that vanished, dimensions that became fixed, training left in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import onnx
import torch
from onnx import numpy_helper

from exportlint.verify.targets import Exported, Request
from exportlint.verify.targets.runtime import stack_of


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong with a file; operator and stack are those of the node that shows it, "" for no node."""

    check: str
    reason: str
    operator: str = ""
    stacks: str = ""


def complaints(exported: Exported, request: Request) -> list[Complaint]:
    """All that is wrong with the file, the gravest first. `exported` must be of an ONNX target."""
    model = onnx.load(str(exported.files[0]), load_external_data=False)
    return [*_fixed(model, exported, request), *_training(model)]


def vanished(exported: Exported, request: Request) -> list[str]:
    """Tensors among the inputs of the call that the file has no input for."""
    there = set(exported.inputs.values())
    return [
        name for name, leaf in request.call.leaves().items() if isinstance(leaf, torch.Tensor) and name not in there
    ]


def _fixed(model: onnx.ModelProto, exported: Exported, request: Request) -> Iterator[Complaint]:
    shapes = {value.name: value.type.tensor_type.shape for value in model.graph.input}
    for name, leaf in exported.inputs.items():
        for axis in request.dynamic.get(leaf, {}):
            dim = shapes[name].dim[axis] if axis < len(shapes[name].dim) else None
            if dim is not None and dim.HasField("dim_value"):
                said = f"dimension {axis} of {leaf} was declared dynamic and is fixed at {dim.dim_value} in the file"
                yield Complaint("dynamic", said)


def _training(model: onnx.ModelProto) -> Iterator[Complaint]:
    weights = {one.name: one for one in model.graph.initializer}
    for node in model.graph.node:
        # https://onnx.ai/onnx/operators/onnx__Dropout.html: the third input; before opset 12 there is no such mode
        if node.op_type == "Dropout" and len(node.input) > 2:
            ratio, mode = (_constant(model, name, weights) for name in node.input[1:3])
            if mode and ratio != 0:
                reason = f"the file holds a Dropout in training mode ({node.name}): it drops values when it is run"
                yield Complaint("training", reason, node.op_type, stack_of(node))
        elif any(held.name == "training_mode" and held.i for held in node.attribute):
            reason = f"the file holds a {node.op_type} in training mode ({node.name}): its answer depends on the batch"
            yield Complaint("training", reason, node.op_type, stack_of(node))


def _constant(model: onnx.ModelProto, name: str, held: dict[str, onnx.TensorProto]) -> float | None:
    """The number that a node is given, None where it is not in the file."""
    if name in held:
        return float(numpy_helper.to_array(held[name]))
    for node in model.graph.node:
        if node.op_type == "Constant" and node.output[0] == name:
            return float(numpy_helper.to_array(node.attribute[0].t))
    return None

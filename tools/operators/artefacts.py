"""What comes out of each target for a model, ready to run: a file in ONNX Runtime, or a program in torch."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import onnx
import onnxruntime
import torch
from torch.export import Dim

Inputs = tuple[torch.Tensor, ...]
Axes = Sequence[Sequence[int]]
"""For each input, the axes that are marked dynamic."""

# An input's name in the file: x0, or x0_orig where the model returns the input itself.
_POSITION = re.compile(r"x(\d+)")


@dataclass(frozen=True)
class Artefact:
    """`load` gives what takes inputs and returns tensors or arrays; `fixed` are the marked axes that came out fixed."""

    load: Callable[[], Callable[[Inputs], list]]
    fixed: Sequence[tuple[int, int]] = ()
    opset: int | None = None


def exported(target: str, model: torch.nn.Module, inputs: Inputs, axes: Axes | None, opset: int | None) -> Artefact:
    """Raises whatever the exporter raises. `axes` is None for fixed shapes."""
    return _EXPORTERS[target](model, inputs, axes, opset)


def _traced(model: torch.nn.Module, inputs: Inputs, axes: Axes | None, opset: int | None) -> Artefact:
    # Its own check runs it again on the same inputs, which says less than the comparison on fresh ones.
    return _program(torch.jit.trace(model, inputs, check_trace=False))


def _scripted(model: torch.nn.Module, inputs: Inputs, axes: Axes | None, opset: int | None) -> Artefact:
    return _program(torch.jit.script(model))


def _exported(model: torch.nn.Module, inputs: Inputs, axes: Axes | None, opset: int | None) -> Artefact:
    shapes = None if axes is None else _automatic(axes)
    program = torch.export.export(model, inputs, dynamic_shapes=shapes)
    values = {node.name: node.meta["val"] for node in program.graph.nodes if node.op == "placeholder"}
    came_out = [values[name].shape for name in program.graph_signature.user_inputs]
    return _program(program.module(), [(i, axis) for i, axis in _marked(axes) if isinstance(came_out[i][axis], int)])


def _marked(axes: Axes | None) -> list[tuple[int, int]]:
    return [(i, axis) for i, its in enumerate(axes or ()) for axis in its]


def _automatic(axes: Axes) -> tuple[dict[int, object], ...]:
    """Each axis may turn out fixed: told apart from an export that fails for another reason."""
    return tuple(dict.fromkeys(marked, Dim.AUTO) for marked in axes)


def _program(program: Callable, fixed: Sequence[tuple[int, int]] = ()) -> Artefact:
    def run(inputs: Inputs) -> list[torch.Tensor]:
        with torch.no_grad():
            return tensors_in(program(*inputs))

    return Artefact(lambda: run, fixed)


def tensors_in(returned: object) -> list[torch.Tensor]:
    """The tensors among what a model returned, in order."""
    return [leaf for leaf in torch.utils._pytree.tree_leaves(returned) if isinstance(leaf, torch.Tensor)]


def _onnx(model: torch.nn.Module, inputs: Inputs, axes: Axes | None, opset: int | None) -> Artefact:
    shapes = None if axes is None else _automatic(axes)
    program = torch.onnx.export(
        model, inputs, dynamo=True, opset_version=opset, verbose=False, dynamic_shapes=shapes
    ).model_proto
    came_out = {int(_POSITION.match(entry.name)[1]): entry.type.tensor_type.shape.dim for entry in program.graph.input}
    fixed = [(i, axis) for i, axis in _marked(axes) if i in came_out and came_out[i][axis].HasField("dim_value")]
    return _file(program.SerializeToString(), fixed)


def _onnx_ts(model: torch.nn.Module, inputs: Inputs, axes: Axes | None, opset: int | None) -> Artefact:
    buffer = io.BytesIO()
    names = [f"x{i}" for i in range(len(inputs))]
    marked = dict(zip(names, axes, strict=True)) if axes else {}
    dynamic = {name: {axis: f"{name}_{axis}" for axis in its} for name, its in marked.items()}
    torch.onnx.export(
        model, inputs, buffer, input_names=names, dynamo=False, opset_version=opset, dynamic_axes=dynamic or None
    )
    return _file(buffer.getvalue())


def _file(content: bytes, fixed: Sequence[tuple[int, int]] = ()) -> Artefact:
    imported = onnx.load_from_string(content).opset_import
    opset = next(entry.version for entry in imported if entry.domain in ("", "ai.onnx"))

    def load() -> Callable[[Inputs], list]:
        session = onnxruntime.InferenceSession(content, _options(), providers=["CPUExecutionProvider"])
        names = [entry.name for entry in session.get_inputs()]

        def run(inputs: Inputs) -> list:
            # ONNX Runtime writes the new running mean of a batch normalisation into the array that it was given.
            return session.run(None, {name: inputs[int(_POSITION.match(name)[1])].numpy().copy() for name in names})

        return run

    return Artefact(load, fixed, opset)


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return options


_EXPORTERS = {"trace": _traced, "script": _scripted, "export": _exported, "onnx": _onnx, "onnx-ts": _onnx_ts}

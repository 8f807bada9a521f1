"""ONNX Runtime on the CPU: checks a file, loads it, and runs it on torch tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
import onnx
import onnxruntime
import torch

from exportlint.verify.structure import NUMBERS
from exportlint.verify.targets import Call, Exported, FileRefused, Request

CPU = "CPUExecutionProvider"
_BFLOAT16 = 16  # onnx.TensorProto.BFLOAT16, which numpy has no dtype for
_TYPES = {
    "tensor(int64)": torch.int64,
    "tensor(int32)": torch.int32,
    "tensor(float)": torch.float32,
    "tensor(double)": torch.float64,
    "tensor(bool)": torch.bool,
}


def load(file: Path) -> onnxruntime.InferenceSession:
    """A session for a file that onnx.checker passes with full check. Raises FileRefused."""
    try:
        onnx.checker.check_model(str(file), full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise FileRefused(f"onnx.checker refuses the file: {error}", sources(file, str(error))) from error
    try:
        return _session(file, None, (CPU,))
    except Exception as error:  # its exception classes are private to onnxruntime and share no public base
        raise FileRefused(f"ONNX Runtime cannot load the file: {error}", sources(file, str(error))) from error


def opset_of(file: Path) -> int | None:
    """The opset of the default domain that the file declares."""
    model = onnx.load(str(file), load_external_data=False)
    return next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), None)


def plain_name(name: str) -> str:
    """A dotted leaf name as an ONNX value name."""
    return re.sub(r"\W", "_", name)


def unknown_inputs(names: set[str]) -> FileRefused:
    """The file asks for inputs that no argument of forward can fill."""
    return FileRefused(f"the file takes inputs that forward does not: {', '.join(sorted(names))}")


def pair_inputs(
    session: onnxruntime.InferenceSession, names: Sequence[str], placed: Sequence[object]
) -> dict[str, str]:
    """Input of the file -> leaf. `placed` has one entry for each leaf: its name in the graph, or a Python value."""
    taken = [argument.name for argument in session.get_inputs()]
    if len(placed) == len(names):
        by_name = {place: name for place, name in zip(placed, names, strict=True) if isinstance(place, str)}
        if set(taken) <= set(by_name):
            return {name: by_name[name] for name in taken}
    if len(taken) == len(names):
        return dict(zip(taken, names, strict=True))
    raise unknown_inputs(set(taken) - {place for place in placed if isinstance(place, str)})


def exported(
    file: Path, session: onnxruntime.InferenceSession, inputs: Mapping[str, str], request: Request
) -> Exported:
    """The file as something to run; `inputs` maps its inputs to leaves of the call."""
    types = {argument.name: argument.type for argument in session.get_inputs()}
    leaves, defaults = request.call.leaves(), request.call.defaults()
    plain = frozenset(leaf for leaf in inputs.values() if isinstance(leaves.get(leaf), NUMBERS))

    def feed(call: Call) -> dict[str, onnxruntime.OrtValue]:
        given = {**defaults, **call.leaves()}
        return {name: _value(given[leaf], types[name]) for name, leaf in inputs.items()}

    def opened(
        other: Path, options: onnxruntime.SessionOptions | None = None, providers: Sequence[str] = (CPU,)
    ) -> Callable[[Call], list[torch.Tensor]]:
        return _running(_session(other, options, providers), feed)

    files = (file, *sorted(file.parent.glob(file.name + ".data")))
    return Exported(
        _running(session, feed),
        files,
        flat=True,
        opset=opset_of(file),
        plain_inputs=plain,
        mutates=False,
        values=lambda call: intermediates(file, feed(call)),
        feed=feed,
        opened=opened,
        sources=lambda message: sources(file, message),
        inputs=inputs,
    )


def _running(
    session: onnxruntime.InferenceSession, feed: Callable[[Call], dict[str, onnxruntime.OrtValue]]
) -> Callable[[Call], list[torch.Tensor]]:
    names = [output.name for output in session.get_outputs()]
    return lambda call: [_tensor(answer) for answer in session.run_with_ort_values(names, feed(call))]


def _session(
    file: Path, options: onnxruntime.SessionOptions | None, providers: Sequence[str]
) -> onnxruntime.InferenceSession:
    if options is None:
        options = onnxruntime.SessionOptions()
        # as many as torch was given: by itself the runtime takes every core, and two workers would fight for them
        options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(file), options, providers=list(providers))


def intermediates(file: Path, feed: Mapping[str, onnxruntime.OrtValue]) -> list[torch.Tensor]:
    """Every tensor that the file computes or holds, run without optimisation. Raises what the runtime raises."""
    model = onnx.load(str(file))
    held = [
        torch.from_numpy(onnx.numpy_helper.to_array(one).copy())
        for one in model.graph.initializer
        if _in_numpy(one.data_type)
    ]
    made = [name for node in model.graph.node for name in node.output if name]
    shown = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in made if name not in shown)
    opened = file.with_name("opened.onnx")
    onnx.save(model, str(opened), save_as_external_data=True, location="opened.onnx.data")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = _session(opened, options, (CPU,))
    answers = session.run_with_ort_values([output.name for output in session.get_outputs()], dict(feed))
    return held + [_tensor(answer) for answer in answers if answer.is_tensor()]


def _in_numpy(kind: int) -> bool:
    return kind in (
        1,
        2,
        3,
        5,
        6,
        7,
        9,
        10,
        11,
    )  # onnx.TensorProto: float, (u)int8, int16, int32, int64, bool, half, double


def sources(file: Path, message: str) -> str:
    """The stacks that the exporter noted for the nodes that a message names."""
    model = onnx.load(str(file), load_external_data=False)
    named = [
        node
        for node in model.graph.node
        if node.name and re.search(rf"(?<![\w/]){re.escape(node.name)}(?!\w)", message)
    ]
    return "\n".join(filter(None, map(stack_of, named)))


def stack_of(node: onnx.NodeProto) -> str:
    """The stack that the exporter noted for a node, "" where it noted none."""
    return next((entry.value for entry in node.metadata_props if entry.key == "pkg.torch.onnx.stack_trace"), "")


def _value(leaf: Any, kind: str) -> onnxruntime.OrtValue:
    tensor = torch.as_tensor(leaf, dtype=_TYPES.get(kind)) if isinstance(leaf, NUMBERS) else leaf.detach()
    tensor = tensor.resolve_conj().resolve_neg().contiguous()
    if tensor.dtype == torch.bfloat16:
        return onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(
            tensor.view(torch.int16).numpy().view(numpy.uint16), _BFLOAT16
        )
    return onnxruntime.OrtValue.ortvalue_from_numpy(tensor.numpy())


def _tensor(answer: onnxruntime.OrtValue) -> torch.Tensor:
    if answer.data_type() == "tensor(bfloat16)":
        return torch.from_dlpack(answer._ortvalue.to_dlpack()).clone()  # numpy() refuses this dtype
    if answer.is_tensor():
        return torch.from_numpy(numpy.ascontiguousarray(answer.numpy()).copy()).reshape(answer.shape())
    raise FileRefused(f"the file returns a {answer.data_type()}, not a tensor")

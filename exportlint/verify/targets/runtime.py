"""ONNX Runtime on the CPU: checks a file, loads it, and runs it on torch tensors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
import onnx
import onnxruntime
import torch

from exportlint.verify.structure import NUMBERS
from exportlint.verify.targets import Call, Exported, FileRefused, Request

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
        raise FileRefused(f"onnx.checker refuses the file: {error}") from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exception classes are private to onnxruntime and share no public base
        raise FileRefused(f"ONNX Runtime cannot load the file: {error}") from error


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


def pair_inputs(session: onnxruntime.InferenceSession, names: Sequence[str], placed: Sequence[object]) -> dict[str, str]:
    """Input of the file -> leaf. `placed` has one entry for each leaf: its name in the graph, or a Python value."""
    taken = [argument.name for argument in session.get_inputs()]
    if len(placed) == len(names):
        by_name = {place: name for place, name in zip(placed, names, strict=True) if isinstance(place, str)}
        if set(taken) <= set(by_name):
            return {name: by_name[name] for name in taken}
    if len(taken) == len(names):
        return dict(zip(taken, names, strict=True))
    raise unknown_inputs(set(taken) - {place for place in placed if isinstance(place, str)})


def exported(file: Path, session: onnxruntime.InferenceSession, inputs: Mapping[str, str], request: Request) -> Exported:
    """The file as something to run; `inputs` maps its inputs to leaves of the call."""
    types = {argument.name: argument.type for argument in session.get_inputs()}
    leaves = request.call.leaves()
    plain = frozenset(leaf for leaf in inputs.values() if isinstance(leaves[leaf], NUMBERS))

    def run(call: Call) -> list[torch.Tensor]:
        values = call.leaves()
        feed = {name: _value(values[leaf], types[name]) for name, leaf in inputs.items()}
        answers = session.run_with_ort_values([output.name for output in session.get_outputs()], feed)
        return [_tensor(answer) for answer in answers]

    files = (file, *sorted(file.parent.glob(file.name + ".data")))
    return Exported(run, files, flat=True, opset=opset_of(file), plain_inputs=plain, mutates=False)


def _value(leaf: Any, kind: str) -> onnxruntime.OrtValue:
    tensor = torch.as_tensor(leaf, dtype=_TYPES.get(kind)) if isinstance(leaf, NUMBERS) else leaf.detach()
    tensor = tensor.resolve_conj().resolve_neg().contiguous()
    if tensor.dtype == torch.bfloat16:
        return onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(tensor.view(torch.int16).numpy().view(numpy.uint16), _BFLOAT16)
    return onnxruntime.OrtValue.ortvalue_from_numpy(tensor.numpy())


def _tensor(answer: onnxruntime.OrtValue) -> torch.Tensor:
    if answer.data_type() == "tensor(bfloat16)":
        return torch.from_dlpack(answer._ortvalue.to_dlpack()).clone()  # numpy() refuses this dtype
    if answer.is_tensor():
        return torch.from_numpy(numpy.ascontiguousarray(answer.numpy()).copy()).reshape(answer.shape())
    raise FileRefused(f"the file returns a {answer.data_type()}, not a tensor")

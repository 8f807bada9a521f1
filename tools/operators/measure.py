"""One cell of the table: a case exported by one exporter at one opset, run in ONNX Runtime, compared with eager."""

from __future__ import annotations

import io
import logging
import re
import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
import onnx
import onnxruntime
import torch
from torch.onnx._internal.exporter._registration import ONNXRegistry

from operators.cases import Case

EXPORTERS = ("onnx-ts", "onnx")
# Relative to the value, and absolute: what float32 sums and other algorithms for the same function may differ by.
_RTOL, _ATOL = 1e-3, 1e-4
# The same where a value has eleven bits: ONNX Runtime computes float16 in float32 and rounds where PyTorch does not.
_HALF_RTOL, _HALF_ATOL = 2e-2, 1e-2
# How often a model runs again in eager mode to see whether it draws random numbers: two draws of few values may agree.
_AGAIN = 4
# An input's name in the file: x0, or x0_orig where the model returns the input itself.
_POSITION = re.compile(r"x(\d+)")


@dataclass(frozen=True)
class Outcome:
    """`status`: ok, differs, export, runtime, unknown; `detail`: the exception or difference; `got`: the file's opset.

    A cell whose worker died or overran its deadline is given "crash" or "timeout" by the sweep.
    """

    status: str
    detail: str = ""
    got: int | None = None


def quiet() -> None:
    """Warnings and logs of exporters off: a sweep prints its own progress."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    onnxruntime.set_default_logger_severity(4)


def reuse_registries() -> None:
    """Build torch's table of ONNX functions once per opset instead of once per export; it costs 0.4 s each."""
    build = ONNXRegistry.from_torchlib.__func__
    ONNXRegistry.from_torchlib = classmethod(cache(lambda cls, opset_version=18: build(cls, opset_version)))


class Measured:
    """A case with its model and what eager PyTorch computes. Raises whatever the model raises in eager mode.

    Where what it computes has no numpy form (sparse tensors, bfloat16), the export alone is measured.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        torch.manual_seed(0)
        self.model = case.build()
        tensors = [self._eager(inputs) for inputs in case.inputs]
        self.comparable = all(_has_numpy_form(t) for t in tensors[0])
        self.random = False
        if self.comparable:
            self.expected = [[_numpy(t) for t in run] for run in tensors]
            self.random = self._reads_fresh_memory() or any(self._differs_by_itself() for _ in range(_AGAIN))

    def _reads_fresh_memory(self) -> bool:
        """Whether values are what happened to be in memory, as torch.empty's are; in others torch's filling shows it.

        A Boolean is filled with what may have been there, so that the name tells more.
        """
        if "empty" in self.case.call:
            return True
        torch.use_deterministic_algorithms(True, warn_only=True)
        try:
            return self._differs_by_itself()
        finally:
            torch.use_deterministic_algorithms(False)

    def _differs_by_itself(self) -> bool:
        again = [_numpy(t) for t in self._eager(self.case.inputs[0])]
        return any(_difference(a, b) for a, b in zip(self.expected[0], again, strict=True))

    def _eager(self, inputs: tuple[torch.Tensor, ...]) -> list[torch.Tensor]:
        with torch.no_grad():
            leaves = torch.utils._pytree.tree_leaves(self.model(*(_copied(t) for t in inputs)))
        return [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]

    def outcome(self, exporter: str, opset: int) -> Outcome:
        """Export, load, run on every input, compare."""
        try:
            file = self._export(exporter, opset)
        except Exception as error:
            return Outcome("export", f"{type(error).__name__}: {_reason(error)}")
        got = next(
            entry.version for entry in onnx.load_from_string(file).opset_import if entry.domain in ("", "ai.onnx")
        )
        try:
            session = onnxruntime.InferenceSession(file, _options(), providers=["CPUExecutionProvider"])
            returned = [self._run(session, inputs) for inputs in self.case.inputs]
        except Exception as error:
            return Outcome("runtime", _reason(error), got)
        for here, there in zip(self.expected, returned, strict=True):
            if len(here) != len(there):
                return Outcome("differs", f"{len(there)} outputs instead of {len(here)}", got)
            for one, other in zip(here, there, strict=True):
                if difference := _difference(one, other, values=not self.random):
                    return Outcome("differs", difference, got)
        return Outcome("ok", "random" if self.random else "", got)

    def _export(self, exporter: str, opset: int) -> bytes:
        inputs = tuple(_copied(t) for t in self.case.inputs[0])
        torch.manual_seed(0)
        if exporter == "onnx":
            program = torch.onnx.export(self.model, inputs, dynamo=True, opset_version=opset, verbose=False)
            return program.model_proto.SerializeToString()
        buffer = io.BytesIO()
        names = [f"x{i}" for i in range(len(inputs))]
        torch.onnx.export(self.model, inputs, buffer, input_names=names, dynamo=False, opset_version=opset)
        return buffer.getvalue()

    def _run(self, session: onnxruntime.InferenceSession, inputs: tuple[torch.Tensor, ...]) -> list[np.ndarray]:
        names = [entry.name for entry in session.get_inputs()]
        # ONNX Runtime writes the new running mean of a batch normalisation into the array that it was given.
        given = {name: inputs[int(_POSITION.match(name)[1])].numpy().copy() for name in names}
        return session.run(None, given)


def _copied(tensor: torch.Tensor) -> torch.Tensor:
    """A copy, so that in-place operators do not change the case; but a part of a larger storage stays what it is."""
    whole = tensor.untyped_storage().nbytes() == tensor.numel() * tensor.element_size()
    return tensor.clone() if whole else tensor


def _has_numpy_form(tensor: torch.Tensor) -> bool:
    return tensor.layout is torch.strided and tensor.dtype not in (torch.bfloat16, torch.complex32)


def _numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.resolve_conj().resolve_neg().numpy()


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return options


def _difference(one: np.ndarray, other: np.ndarray, values: bool = True) -> str:
    """Why two arrays are not the same, "" where they are: dtype, shape, then values (NaN equals NaN)."""
    if one.dtype != other.dtype:
        return f"dtype {other.dtype} instead of {one.dtype}"
    if one.shape != other.shape:
        return f"shape {other.shape} instead of {one.shape}"
    rtol, atol = (_HALF_RTOL, _HALF_ATOL) if one.dtype == np.float16 else (_RTOL, _ATOL)
    if not values or np.allclose(one, other, rtol=rtol, atol=atol, equal_nan=True):
        return ""
    if one.dtype == bool:
        return f"{np.mean(one != other):.0%} of the values"
    with np.errstate(all="ignore"):
        return f"values by up to {np.nanmax(np.abs(one.astype(complex) - other.astype(complex))):.2g}"


def _reason(error: BaseException) -> str:
    """The first line of the first cause: the exporters wrap it in advice."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else ""

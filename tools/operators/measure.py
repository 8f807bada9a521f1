"""One cell of the table: a case exported for one target, run, compared with eager PyTorch."""

from __future__ import annotations

import logging
import re
import warnings
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import onnxruntime
import torch
from torch.onnx._internal.exporter._registration import ONNXRegistry

from exportlint.operators.table import DYNAMIC
from operators.artefacts import Axes, Inputs, exported, tensors_in
from operators.calls import weights
from operators.cases import Case
from operators.sizes import OtherSizes, other_sizes

# Relative to the value, and absolute: what float32 sums and other algorithms for the same function may differ by.
_RTOL, _ATOL = 1e-3, 1e-4
# The same where a value has eleven bits: ONNX Runtime computes float16 in float32 and rounds where PyTorch does not.
_HALF_RTOL, _HALF_ATOL = 2e-2, 1e-2
# How often a model runs again in eager mode to see whether it draws random numbers: two draws of few values may agree.
_AGAIN = 4
# What values at other sizes are multiplied with, so that none stands twice: whose place comes first is anyone's choice.
_NO_TIE = 0.993
# Dtypes without numpy's counterpart, and one in which their values are the same.
_WIDER = {torch.bfloat16: torch.float32, torch.complex32: torch.complex64}
# How torch.export's program refuses all sizes but one: "Guard failed: -2 + x0.size()[2] == 1".
_FIXED = re.compile(r"Guard failed: [^%()]*\.size\(\)\[\d\][^%()]* == \d+$")

SIZES = "sizes"


@dataclass(frozen=True)
class Outcome:
    """`status`: ok, differs, export, runtime, breaks, static, rigid, unknown; `got`: the file's opset.

    "breaks" is a program in torch that raises, "runtime" a file that ONNX Runtime refuses. With dynamic shapes "static"
    is what came out with a fixed axis, and "rigid" a case that eager mode refuses at every other size. `detail`: the
    exception or difference. A cell whose worker died or overran its deadline gets "crash" or "timeout" from the sweep.
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
    """A case with its model and what eager PyTorch computes. Raises whatever the model raises in eager mode."""

    def __init__(self, case: Case) -> None:
        self.case = case
        torch.manual_seed(0)
        self.model = case.build()
        self.expected = [self._eager(inputs) for inputs in case.inputs]
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
        return bool(_differences(self.expected[0], self._eager(self.case.inputs[0])))

    def _eager(self, inputs: Inputs) -> list[torch.Tensor]:
        with torch.no_grad():
            return tensors_in(self.model(*(_copied(t) for t in inputs)))

    @cached_property
    def _other_sizes(self) -> OtherSizes | None:
        first, *others = self.case.inputs
        fillers = others[0] if others else tuple(t.flip([*range(t.dim())]) for t in first)
        fillers = tuple(t * _NO_TIE if t.is_floating_point() else t for t in fillers)
        return other_sizes(first, fillers, weights(self.case.call), self._returned)

    def _returned(self, inputs: Inputs) -> list[torch.Tensor] | None:
        """None also where it warns as it does not of the case, or differs by itself, reading what is not there."""
        try:
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                found, again = self._eager(inputs), self._eager(inputs)
        except Exception:  # whatever an operator raises about a size that it does not take
            return None
        warned = {str(one.message) for one in said} - self._warnings
        return None if warned or _differences(found, again, values=not self.random) else found

    @cached_property
    def _warnings(self) -> set[str]:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            self._eager(self.case.inputs[0])
        return {str(one.message) for one in said}

    def outcome(self, way: str, opset: int | None) -> Outcome:
        """Export, load, run on every input, compare. `way`: a target, or one with " dynamic" after it.

        SIZES is no way out: ok where eager mode takes other sizes, else rigid. Kernels that check nothing crash there.
        """
        if way == SIZES:
            return Outcome("ok" if self._other_sizes else "rigid")
        target = way.removesuffix(DYNAMIC)
        if target == way:
            return self._outcome(target, opset, None, list(zip(self.case.inputs, self.expected, strict=True)))
        if (sizes := self._other_sizes) is None:
            return Outcome("rigid")
        return self._outcome(target, opset, sizes.axes, [(given, self._eager(given)) for given in sizes.both])

    def _outcome(
        self, target: str, opset: int | None, axes: Axes | None, runs: list[tuple[Inputs, list[torch.Tensor]]]
    ) -> Outcome:
        try:
            torch.manual_seed(0)
            artefact = exported(target, self.model, tuple(_copied(t) for t in runs[0][0]), axes, opset)
        except Exception as error:
            return Outcome("export", f"{type(error).__name__}: {_reason(error)}")
        if artefact.fixed:
            named = ", ".join(f"x{i} axis {axis}" for i, axis in artefact.fixed)
            return Outcome("static", named, artefact.opset)
        try:
            run = artefact.load()
            returned = [run(tuple(_copied(t) for t in inputs)) for inputs, _ in runs]
        except Exception as error:
            reason = _reason(error)
            if axes and _FIXED.match(reason):
                return Outcome("static", reason)
            return Outcome("runtime" if artefact.opset else "breaks", reason, artefact.opset)
        for (_, here), there in zip(runs, returned, strict=True):
            if difference := _differences(here, there, values=not self.random):
                return Outcome("differs", difference, artefact.opset)
        return Outcome("ok", "random" if self.random else "", artefact.opset)


def _copied(tensor: torch.Tensor) -> torch.Tensor:
    """A copy, so that in-place operators do not change the case; but a part of a larger storage stays what it is."""
    whole = tensor.untyped_storage().nbytes() == tensor.numel() * tensor.element_size()
    return tensor.clone() if whole else tensor


def _differences(here: list[torch.Tensor], there: list, values: bool = True) -> str:
    """Why what eager mode returned is not what came back, as tensors or as arrays; "" where it is."""
    if len(here) != len(there):
        return f"{len(there)} outputs instead of {len(here)}"
    found = (_difference(one, other, values) for one, other in zip(here, there, strict=True))
    return next((difference for difference in found if difference), "")


def _difference(here: torch.Tensor, there: torch.Tensor | np.ndarray, values: bool) -> str:
    """Dtype and layout, shape, then values (NaN equals NaN)."""
    if isinstance(there, torch.Tensor):
        if (there.dtype, there.layout) != (here.dtype, here.layout):
            return f"{there.dtype}, {there.layout} instead of {here.dtype}, {here.layout}"
        there = _array(there)
    one, other = _array(here), there
    if one.dtype != other.dtype:
        return f"dtype {other.dtype} instead of {one.dtype}"
    if one.shape != other.shape:
        return f"shape {other.shape} instead of {one.shape}"
    short = here.dtype in (torch.float16, torch.bfloat16, torch.complex32)
    rtol, atol = (_HALF_RTOL, _HALF_ATOL) if short else (_RTOL, _ATOL)
    if not values or np.allclose(one, other, rtol=rtol, atol=atol, equal_nan=True):
        return ""
    if one.dtype == bool:
        return f"{np.mean(one != other):.0%} of the values"
    with np.errstate(all="ignore"):
        return f"values by up to {np.nanmax(np.abs(one.astype(complex) - other.astype(complex))):.2g}"


def _array(tensor: torch.Tensor) -> np.ndarray:
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    return tensor.to(_WIDER.get(tensor.dtype, tensor.dtype)).resolve_conj().resolve_neg().numpy()


def _reason(error: BaseException) -> str:
    """The first line of the first cause: the exporters wrap it in advice."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else ""

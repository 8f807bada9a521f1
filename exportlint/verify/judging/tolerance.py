"""How far an export may lie from eager PyTorch: a multiple of eager's own rounding error, where that was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from exportlint.verify.structure import tensors

# (relative, absolute) per dtype: enough where no rounding was measured, and the most that measured rounding is worth.
# float32 leaves room for other summation orders in deep models: onnx's own backend tests use 1e-3 and 1e-7.
TOLERANCES = {
    torch.float64: (1e-7, 1e-9),
    torch.float32: (1e-4, 1e-5),
    torch.float16: (1e-2, 1e-3),
    torch.bfloat16: (3e-2, 1e-2),
    torch.complex64: (1e-4, 1e-5),
    torch.complex128: (1e-7, 1e-9),
}
FACTOR = 16.0  # how far above eager's own rounding error a difference may lie
SMALLEST = 1e-30  # stands for the size of an output that is zero everywhere


@dataclass(frozen=True)
class Noise:
    """Eager mode's own rounding error, by the name of the output.

    `relative` is the largest error measured in any way, over the output's largest value: at least half a unit in the
    last place. `exact` is the absolute error against float64 alone, infinite where only one of the two is a number;
    `blind`: the model does not run in float64. `coarsest` is the dtype with the fewest digits that took part.
    """

    relative: Mapping[str, float] = field(default_factory=dict)
    exact: Mapping[str, float] = field(default_factory=dict)
    coarsest: torch.dtype | None = None
    blind: bool = False

    def elsewhere(self) -> Noise:
        """What it foretells for other inputs."""
        return replace(self, exact={})

    def of(self, name: str, output: torch.Tensor) -> float | None:
        """The absolute error of an output, None where none was measured."""
        return self.relative[name] * magnitude(output) if name in self.relative else None

    def largest(self, output: Any) -> float:
        """The largest absolute error of a whole output, 0 where none was measured."""
        return max((self.of(name, tensor) or 0.0 for name, tensor in tensors(output)), default=0.0)


def rounds(output: torch.Tensor) -> bool:
    """Whether its values are rounded: fractions, not whole numbers."""
    return output.is_floating_point() or output.is_complex()


def magnitude(output: torch.Tensor) -> float:
    """The largest finite absolute value."""
    finite = output[output.isfinite()]
    return max(float(finite.abs().max()), SMALLEST) if finite.numel() else SMALLEST


def allowed(name: str, output: torch.Tensor, wide: torch.Tensor, noise: Noise) -> torch.Tensor:
    """The difference that each element may have; `wide` is the output with more digits. Whole numbers may have none.

    Those are no evidence either where float64 decides otherwise: then nothing in that output is.
    """
    exact = noise.exact.get(name, 0.0)
    if not rounds(output):
        return torch.tensor(torch.inf if exact else 0.0)
    coarsest = max(output.dtype, noise.coarsest or output.dtype, key=lambda dtype: torch.finfo(dtype).eps)
    relative, absolute = TOLERANCES.get(coarsest, (1e-1, 1e-1))
    size = wide.abs()
    usual = absolute + relative * torch.where(size.isfinite(), size, 0.0)
    measured = noise.of(name, wide)
    # over the whole tensor: rounding that is blown up anywhere falls on other elements in another runtime
    own = FACTOR * exact
    if measured is not None:
        rounding = max(FACTOR * measured, torch.finfo(output.dtype).eps)
        usual = usual.clamp_max(rounding)
        if noise.blind or coarsest != output.dtype:  # float64 did not show what is rounded
            own = max(own, min(rounding, absolute + relative * magnitude(wide)))
    return usual.clamp_min(own)

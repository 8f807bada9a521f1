"""Which files an ONNX Runtime loads, and which an exporter writes: opsets and IR versions, all measured.

A file says two versions of its format. The opset is asked for; the IR version is the exporter's own choice, and a
runtime that is too old for it refuses the file whatever its opset.
"""

from __future__ import annotations

from dataclasses import dataclass

from exportlint.data import runtimes
from exportlint.pins import numbers

_DYNAMO_IR = 10
_TORCHSCRIPT_IR = ((23, 11), (21, 10), (19, 9), (15, 8), (0, 7))
"""From which opset on the exporter built on TorchScript writes which IR version; what is below 8 everything loads.

Measured with torch 2.13, as is that of the other one, which writes 10 at each opset from 18 to 28.
"""


@dataclass(frozen=True)
class Runtime:
    """A release of ONNX Runtime ("1.20") and the highest opset and IR version that it loads."""

    release: str
    opset: int
    ir: int


def of_release(release: str) -> Runtime | None:
    """What `release` ("1.20.1") loads, as the newest measured release that is not newer says; None before all."""
    wanted = numbers(release)[:2]
    older = [name for name in runtimes() if numbers(name) <= wanted]
    return _measured(max(older, key=numbers)) if older else None


def first_for(opset: int, ir: int) -> Runtime | None:
    """The oldest measured release that loads a file of these versions."""
    known = (_measured(release) for release in sorted(runtimes(), key=numbers))
    return next((one for one in known if one.opset >= opset and one.ir >= ir), None)


def ir_written(target: str, opset: int) -> int:
    """The IR version of the file that an exporter ("onnx" or "onnx-ts") writes at an opset."""
    if target == "onnx":
        return _DYNAMO_IR
    return next(ir for lowest, ir in _TORCHSCRIPT_IR if opset >= lowest)


def _measured(release: str) -> Runtime:
    return Runtime(release, **runtimes()[release])

"""Dynamic quantisation (int8 weights, activations measured at run time) keeps the answers near."""

from __future__ import annotations

from pathlib import Path

from onnxruntime.quantization import quantize_dynamic

from exportlint.verify.check import ONNX, Check
from exportlint.verify.quantization import quantised
from exportlint.verify.subject import Subject


def run(subject: Subject) -> str:
    """How far the answers are off, and the size with external data."""

    def convert(source: Path, file: Path) -> None:
        quantize_dynamic(str(source), str(file))

    return quantised(subject, "quantized-dynamic", convert)


CHECK = Check(ONNX, run)

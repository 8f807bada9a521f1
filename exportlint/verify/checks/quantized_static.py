"""Static quantisation (int8 weights and activations), calibrated on the inputs at hand, keeps the answers near."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy
from onnxruntime.quantization import CalibrationDataReader, quantize_static

from exportlint.verify.check import ONNX, Check
from exportlint.verify.quantization import quantised
from exportlint.verify.subject import Subject


class _Inputs(CalibrationDataReader):
    """The samples, as the calibration asks for them: one by one, then None."""

    def __init__(self, feeds: Iterator[dict[str, numpy.ndarray]]) -> None:
        self.feeds = feeds

    def get_next(self) -> dict[str, numpy.ndarray] | None:
        return next(self.feeds, None)


def run(subject: Subject) -> str:
    """How far the answers are off, and the size with external data."""

    def convert(source: Path, file: Path) -> None:
        given = (subject.exported.feed(sample.call) for sample in subject.samples)
        feeds = ({name: value.numpy() for name, value in feed.items()} for feed in given)
        quantize_static(str(source), str(file), _Inputs(feeds))

    return quantised(subject, "quantized-static", convert)


CHECK = Check(ONNX, run)

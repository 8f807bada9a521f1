"""The ORT format, which reduced builds of ONNX Runtime load, agrees with eager PyTorch."""

from __future__ import annotations

import onnxruntime

from exportlint.verify.check import ONNX, Check
from exportlint.verify.subject import Subject


def run(subject: Subject) -> str:
    """The size of the .ort file, and the largest difference."""
    file = subject.folder / "model.ort"
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(file)
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.add_session_config_entry("session.save_model_format", "ORT")
    subject.exported.opened(subject.file, options)
    largest = subject.agree(subject.exported.opened(file), "ORT format")
    return f"{file.stat().st_size:,} bytes, largest difference {largest:.2g}"


CHECK = Check(ONNX, run)

"""ONNX Runtime's graph optimisations change nothing: each level agrees with eager PyTorch."""

from __future__ import annotations

import onnxruntime

from exportlint.verify.check import ONNX, Check
from exportlint.verify.subject import Subject

LEVELS = ("ORT_DISABLE_ALL", "ORT_ENABLE_BASIC", "ORT_ENABLE_EXTENDED", "ORT_ENABLE_LAYOUT", "ORT_ENABLE_ALL")


def run(subject: Subject) -> str:
    """The largest difference over all levels that this release knows."""
    known = [level for level in LEVELS if hasattr(onnxruntime.GraphOptimizationLevel, level)]
    largest = 0.0
    for level in known:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
        opened = subject.exported.opened(subject.file, options)
        largest = max(largest, subject.agree(opened, level.removeprefix("ORT_").lower()))
    return f"largest difference {largest:.2g} over {len(known)} levels"


CHECK = Check(ONNX, run)

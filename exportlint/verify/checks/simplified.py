"""onnxslim's simplified graph agrees with eager PyTorch."""

from __future__ import annotations

import onnx

from exportlint.verify.check import ONNX, Check
from exportlint.verify.subject import Subject


def run(subject: Subject) -> str:
    """The number of nodes before and after, and the largest difference."""
    import onnxslim

    model = onnx.load(str(subject.file))
    before = len(model.graph.node)
    slimmed = onnxslim.slim(model)
    file = subject.folder / "simplified.onnx"
    onnx.save(slimmed, str(file), save_as_external_data=True, location="simplified.onnx.data")
    largest = subject.agree(subject.exported.opened(file), "simplified")
    return f"{before} to {len(slimmed.graph.node)} nodes, largest difference {largest:.2g}"


CHECK = Check(ONNX, run, ("onnxslim",))

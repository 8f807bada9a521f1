"""What the two checks of quantisation share: the file to start from, what comes out, and how far it may be off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx
from onnxruntime.quantization import shape_inference

from exportlint.verify.endings import Failed, Skipped
from exportlint.verify.subject import Subject, share

LARGEST = 1_900_000_000  # bytes; protobuf ends at two gibibytes
LARGEST_DROP = 0.1  # of the length of an output; int8 weights of a trained network stay well below


def quantised(subject: Subject, name: str, convert: Callable[[Path, Path], None]) -> str:
    """Converts the export; the drop in accuracy and the new size. Raises Failed for a drop that is too large."""
    source, file = subject.folder / f"{name}-before.onnx", subject.folder / f"{name}.onnx"
    if subject.size > LARGEST:
        raise Skipped(f"the weights take {subject.size:,} bytes, more than one file can hold")
    # in one file: onnxruntime's preparation loses weights that stand beside the graph
    onnx.save(onnx.load(str(subject.file)), str(source))
    shape_inference.quant_pre_process(str(source), str(source), skip_symbolic_shape=True)
    convert(source, file)
    kinds = {node.op_type for node in onnx.load(str(file)).graph.node}
    if not any("Quant" in kind or "Integer" in kind or kind.startswith("QLinear") for kind in kinds):
        raise Skipped("nothing to quantise: no operator of the graph has a quantised form")
    drop = subject.drop(subject.exported.opened(file))
    after = sum(part.stat().st_size for part in file.parent.glob(f"{name}.onnx*"))
    said = f"answers {share(drop)} off, {after:,} bytes of {subject.size:,}"
    if drop > LARGEST_DROP:
        raise Failed(f"{said}; at most {share(LARGEST_DROP)} is allowed")
    return said

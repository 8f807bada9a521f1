"""coremltools converts the export for Core ML; on macOS, Core ML's answers are near eager's."""

from __future__ import annotations

import sys

import torch

from exportlint.verify.check import Check
from exportlint.verify.endings import Failed
from exportlint.verify.subject import Subject, share

LARGEST_DROP = 0.02  # of the length of an output; Core ML computes in float16 by default


def run(subject: Subject) -> str:
    """What was converted; how far the answers are off where they can be had."""
    import coremltools

    leaves = subject.call.leaves()
    if not all(isinstance(leaf, torch.Tensor) for leaf in leaves.values()):
        raise Failed("Core ML takes tensors only")
    if subject.file.suffix == ".pt2":
        converted = coremltools.convert(torch.export.load(str(subject.file)).run_decompositions({}))
    else:
        inputs = [coremltools.TensorType(shape=leaf.shape) for leaf in leaves.values()]
        converted = coremltools.convert(torch.jit.load(str(subject.file)), inputs=inputs)
    kinds = len(converted.get_spec().description.output)
    if sys.platform != "darwin":
        return f"converted, {kinds} outputs; predicting needs macOS, so that nothing was compared"
    names = [one.name for one in converted.get_spec().description.input]

    def predicted(call) -> list[torch.Tensor]:
        given = {name: leaf.numpy() for name, leaf in zip(names, call.leaves().values(), strict=True)}
        return [torch.from_numpy(answer) for answer in converted.predict(given).values()]

    drop = subject.drop(predicted)
    if drop > LARGEST_DROP:
        raise Failed(f"answers {share(drop)} off; at most {share(LARGEST_DROP)} is allowed")
    return f"answers {share(drop)} off"


CHECK = Check(("trace", "export"), run, ("coremltools",))

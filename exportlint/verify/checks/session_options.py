"""Threads, execution order and every provider that is installed give eager PyTorch's answers."""

from __future__ import annotations

import onnxruntime

from exportlint.verify.check import ONNX, Check
from exportlint.verify.subject import Subject

REMOTE = ("AzureExecutionProvider",)  # sends the inputs elsewhere


def run(subject: Subject) -> str:
    """The largest difference over all of them, and the providers that were tried."""
    largest, tried = 0.0, []
    for threads, mode in ((1, "ORT_SEQUENTIAL"), (2, "ORT_SEQUENTIAL"), (2, "ORT_PARALLEL")):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        options.execution_mode = getattr(onnxruntime.ExecutionMode, mode)
        what = f"{threads} threads, {mode.removeprefix('ORT_').lower()}"
        largest = max(largest, subject.agree(subject.exported.opened(subject.file, options), what))
    for provider in onnxruntime.get_available_providers():
        if provider not in REMOTE:
            opened = subject.exported.opened(subject.file, None, [provider])
            largest = max(largest, subject.agree(opened, provider))
            tried.append(provider.removesuffix("ExecutionProvider"))
    return f"largest difference {largest:.2g}; threads 1 and 2, sequential and parallel, {', '.join(tried)}"


CHECK = Check(ONNX, run)

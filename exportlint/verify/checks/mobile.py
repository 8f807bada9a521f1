"""ONNX Runtime's own usability check: whether NNAPI (Android) or Core ML can run most of the graph."""

from __future__ import annotations

import logging
import re

from onnxruntime.tools.mobile_helpers import usability_checker

from exportlint.verify.check import ONNX, Check
from exportlint.verify.endings import Failed
from exportlint.verify.subject import Subject

_PARTITIONS = re.compile(r"(\d+) partitions with a total of (\d+)/(\d+) nodes can be handled by the (\w+) EP")


class _Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def run(subject: Subject) -> str:
    """How many of the nodes each can handle."""
    log, kept = logging.Logger("usability"), _Lines()
    log.addHandler(kept)
    usable = usability_checker.analyze_model(subject.file, logger=log)
    found = [f"{name} {some} of {whole} nodes" for _, some, whole, name in _PARTITIONS.findall("\n".join(kept.lines))]
    said = ", ".join(found) or "no figures were given"
    if not usable:
        raise Failed(f"neither NNAPI nor Core ML is likely to run it well: {said}")
    return said


CHECK = Check(ONNX, run)

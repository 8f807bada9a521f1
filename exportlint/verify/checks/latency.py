"""How fast the export runs against eager PyTorch, with the threads that the worker has. A measure; it never fails."""

from __future__ import annotations

from exportlint.finding import TARGETS
from exportlint.verify.check import Check
from exportlint.verify.subject import Subject


def run(subject: Subject) -> str:
    """The median of twenty runs on the example, of both."""
    model = subject.eager.model
    eager, mine = subject.milliseconds([lambda call: model(*call.args, **call.kwargs), subject.exported.run])
    return f"{mine:.3g} ms, eager {eager:.3g} ms: {eager / mine:.2g} times as fast"


CHECK = Check(TARGETS, run)

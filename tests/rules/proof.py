"""Really exports a model of a fixture, with the machinery of `verify`, in this process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from exportlint.finding import Finding
from exportlint.verify.contract import Job, Result
from exportlint.verify.verdicts import CONFIRMED, verdict
from tests.rules.expectations import Claims
from tests.rules.fixture import Fixture, Marker, Model

SECONDS = 8.0  # of which a quarter at most goes into the search for an input that disagrees


def exported(fixture: Fixture, model: Model, target: str, folder: Path) -> Result:
    """What `verify` says of one model and target. The fixture stands in `folder`, where `exported` may be written.

    An export that answers what forward refuses is a mismatch at the line that refuses it. Raises AssertionError where
    forward does not refuse it.
    """
    import torch

    from exportlint.verify.worker import Attempt

    # torch's dynamo switches this off for the whole process when it first runs (torch/_dynamo/eval_frame.py)
    torch.distributions.Distribution.set_default_validate_args(True)

    class Watched(Attempt):
        def _compared(self, eager: Any, exported: Any, request: Any, first: Any) -> Result:
            result = super()._compared(eager, exported, request, first)
            if result.status != "ok" or model.refused is None:
                return result
            return _refused(result, eager, exported, _refused_call(self.job, request.call))

    files = folder / "exported"
    files.mkdir(exist_ok=True)
    entry, inputs = fixture.entry(model), fixture.inputs(model)
    job = Job(entry, str(folder), target, inputs=inputs, dynamic=model.dynamic, seconds=SECONDS)
    return in_process_of_its_own(job) if target in model.crashes else Watched(job, files).result()


def in_process_of_its_own(job: Job) -> Result:
    """What `verify` says of a job that may bring its process down."""
    from exportlint.verify.isolation.sandbox import Sandbox
    from exportlint.verify.running.runner import Runner

    return Runner(Sandbox()).one(replace(job, seconds=60.0))


def _refused_call(job: Job, call: Any) -> Any:
    from exportlint.verify.specs import load

    arguments, _ = load(str(job.inputs).replace("::inputs_of_", "::refused_of_"), Path(job.root))
    return replace(call, args=arguments(), kwargs={})


def _refused(result: Result, eager: Any, exported: Any, call: Any) -> Result:
    try:
        eager.run(call, 0)
    except Exception as error:  # whatever the fixture's model raises
        place = eager.code.innermost(eager.code.in_traceback(error.__traceback__))
    else:
        raise AssertionError("forward takes the arguments that the fixture calls refused")
    try:
        exported.run(call)
    except Exception:  # whatever the runtime raises: the export refuses too
        return result
    reason = "the export answers what eager mode refuses"
    return replace(result, status="mismatch", reason=reason, path=place.path, line=place.line)


def objections(claims: Claims, result: Result, file: str) -> list[str]:
    """Why a result does not back the claims: one line each, empty when it does."""
    if result.status in ("no-spec", "not-runnable"):
        return [f"{_said(result)}: nothing was proven"]
    if claims.fails and claims.false:
        return [
            f"{marker} cannot be shown where another marker says it fails: give it a model" for marker in claims.false
        ]
    if not claims.fails:
        return [] if result.status == "ok" else [f"it is claimed to export and agree, but {_said(result)}"]
    if result.status == "ok":
        wrong = ", ".join([*map(_named, claims.backed), *map(str, claims.missed)])
        return [f"it exports and agrees on {result.inputs_tried} inputs, against {wrong}"]
    return [
        f"{_said(result)}, which is not at {_named(one) if isinstance(one, Finding) else one}, line {line}"
        for one, line in [(f, f.span.line) for f in claims.backed] + [(m, m.line) for m in claims.missed]
        if not _at(one, result, file)
    ]


def _at(claim: Finding | Marker, result: Result, file: str) -> bool:
    """Whether a failure stands at a claim's line, as `verify` gives verdicts, or at a line that the finding relates.

    A process that died outside the model's code says no line.
    """
    if result.status == "crashed" and result.line is None:
        return True
    if isinstance(claim, Marker):
        stretches = [(claim.line, claim.line)]
    else:
        related = [(other.line, other.line) for other in claim.related]
        stretches = [(claim.span.line, claim.span.end_line), *related]
    return any(
        verdict({"path": file, "line": first, "end_line": last, "targets": [result.target]}, [result]) == CONFIRMED
        for first, last in stretches
    )


def _named(finding: Finding) -> str:
    return f"{finding.rule} {finding.message!r}"


def _said(result: Result) -> str:
    place = f" at line {result.line}" if result.line else ""
    return f"{result.target} gives {result.status}{place}: {result.reason}"

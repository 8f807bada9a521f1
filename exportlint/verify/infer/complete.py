"""Completes a job that says too little: what is missing is inferred, and said."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import torch

from exportlint.verify import specs
from exportlint.verify.contract import Job, Spec, printable
from exportlint.verify.infer.constructor import arguments
from exportlint.verify.infer.inputs import NotFound, Searching
from exportlint.verify.infer.trial import Proposal
from exportlint.verify.shapes import ShapeError, parse_shapes
from exportlint.verify.targets import Call

SHARE = 0.3  # of the deadline, for each of the two
LONGEST = 60.0  # seconds


Called = tuple[Call, dict[str, dict[int, str]], Spec | None]


def built(job: Job) -> tuple[Job, torch.nn.Module, ModuleType, Spec | None]:
    """The model of a job, and the job with the arguments that its constructor got; the spec is None unless they had to
    be inferred. Raises NoSpec, or whatever the constructor raises.
    """
    try:
        return (job, *specs.build(job), None)
    except specs.NoArguments as missing:
        job, spec = _with_arguments(job, missing)
    return (job, *specs.build(job), spec)


def called(job: Job, model: torch.nn.Module, module: ModuleType, spec: Spec | None) -> Called:
    """The example call, its dynamic axes, and the spec with what was inferred. Raises NoSpec, or what user code raises.

    Inputs that a class inherits, as transformers' `dummy_inputs`, hold only where the model runs on them.
    """
    try:
        call, dynamic = specs.example(job, model, module)
        if job.inputs is not None or not specs.inherits_inputs(model):
            return call, dynamic, spec
        call = _apart(call)
        _run(model, call)
    except specs.NoInputs as missing:
        job, spec = _with_inputs(job, model, spec, str(missing))
    except specs.NoSpec:
        raise
    except Exception as error:
        if job.inputs is not None or not specs.inherits_inputs(model):
            raise
        job, spec = _with_inputs(job, model, spec, f"it does not run on the inputs it inherits: {error}")
    else:
        return call, dynamic, spec
    return (*specs.example(job, model, module), spec)


def _apart(call: Call) -> Call:
    """A call in which one tensor that is given twice is two: no exporter keeps them apart later."""
    leaves = call.leaves()
    return call.with_leaves({n: leaf.clone() if isinstance(leaf, torch.Tensor) else leaf for n, leaf in leaves.items()})


def _run(model: torch.nn.Module, call: Call) -> None:
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model(*call.args, **call.kwargs)


def _with_arguments(job: Job, missing: specs.NoArguments) -> tuple[Job, Spec]:
    try:
        found = arguments(missing.factory, job, _budget(job))
    except NotFound as error:
        raise specs.NoSpec(f"{missing}; {error}") from error
    kwargs = {name: printable(json.dumps(value)) for name, value in found.kwargs.items()}
    spec = Spec(args=json.dumps(list(found.args)), kwargs=kwargs, arguments=f"inferred from {found.origin}")
    return replace(job, args=found.args, kwargs=dict(found.kwargs)), spec


def _with_inputs(job: Job, model: torch.nn.Module, spec: Spec | None, missing: str) -> tuple[Job, Spec]:
    search = Searching(model, job.seed, _budget(job), _in_project(job, model))
    try:
        found = search.found()
    except NotFound as error:
        raise specs.NoSpec(f"{missing}; {error}") from error
    tried = "1 call" if found.trials == 1 else f"{found.trials} calls"
    spec = replace(spec or Spec(), inputs=dict(found.named), example=f"inferred in {tried}")
    # nobody declared a dimension dynamic: what varies is offered to the user, not demanded of the export
    return replace(job, inputs=dict(found.fixed), dynamic={}), spec


def _budget(job: Job) -> float:
    return min(job.seconds * SHARE, LONGEST)


def _in_project(job: Job, model: torch.nn.Module) -> tuple[Proposal, ...]:
    """Shapes with which the project itself calls the model, that built with the same arguments first."""
    ours = [call for call in job.calls if call["inputs"]]
    ours.sort(key=lambda call: (tuple(call["args"]), {**call["kwargs"]}) != (job.args, dict(job.kwargs)))
    parameters = specs.named_parameters(model)
    found = []
    for call in ours:
        texts = _by_name(call["inputs"], parameters)
        try:
            found.append(parse_shapes(texts))
        except ShapeError:  # what stands in somebody's script is a suggestion
            continue
    return tuple(found)


def _by_name(inputs: Mapping[str, Any], parameters: list[str]) -> dict[str, str]:
    return {**dict(zip(parameters, inputs["args"], strict=False)), **inputs["kwargs"]}

"""A counterexample that stands on its own: its inputs as .npz, and a short script that shows the failure without us."""

from __future__ import annotations

import base64
import io
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch

from exportlint.verify.contract import LARGEST_FILE, Attached, Job
from exportlint.verify.judging.compare import Difference
from exportlint.verify.judging.tolerance import TOLERANCES
from exportlint.verify.specs import location
from exportlint.verify.structure import children, tensors
from exportlint.verify.targets import Call, Exported, Request

ROOT = "@ROOT@"  # stands in the script for the project's folder, which only the parent knows


class Unsaved(Exception):
    """The inputs cannot be written down; the text says why."""


class _Code(str):
    """Code that stands for itself when a value around it is written down."""

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True)
class _Written:
    """A call as code: its positional arguments, its keywords, and each leaf by name."""

    args: tuple[_Code, ...]
    kwargs: dict[str, _Code]
    leaves: dict[str, _Code]

    def __str__(self) -> str:
        return ", ".join([*self.args, *(f"{name}={value}" for name, value in self.kwargs.items())])


def attachment(
    job: Job, request: Request, exported: Exported, call: Call, difference: Difference, calls: int
) -> Attached:
    """The files for a failure of `calls` calls in a row, which comes to `difference`. Raises Unsaved."""
    arrays: dict[str, numpy.ndarray] = {}
    example = _written(request.call, "example.", arrays)
    failing = _written(call, "", arrays)
    buffer = io.BytesIO()
    numpy.savez_compressed(buffer, **arrays)
    if buffer.tell() > LARGEST_FILE:
        raise Unsaved(f"the inputs take {buffer.tell() // 1_000_000} MB")
    if job.target.startswith("onnx"):
        lines = _onnx(request, exported, example, failing, calls)
    else:
        lines = _torch(job.target, request, example, failing, calls)
    script = "\n".join([*_model(job), *lines, *_close(call, difference)]) + "\n"
    return Attached(npz=base64.b64encode(buffer.getvalue()).decode("ascii"), script=script)


def _written(call: Call, prefix: str, arrays: dict[str, numpy.ndarray]) -> _Written:
    """The arguments of a call as code; their tensors are put into `arrays`."""
    names, found = iter(call.passed()), {}

    def write(value: Any) -> _Code:
        parts = children(value)
        if parts is None:
            name = next(names)
            found[name] = _leaf(value, prefix + name, arrays)
            return found[name]
        if type(value) in (list, tuple):
            return _Code(repr(type(value)(write(item) for item in value)))
        if type(value) is dict:
            return _Code(repr({key: write(item) for key, item in value.items()}))
        raise Unsaved(f"an input is a {type(value).__name__}")

    args = tuple(write(value) for value in call.args)
    return _Written(args, {name: write(value) for name, value in call.kwargs.items()}, found)


def _leaf(leaf: Any, name: str, arrays: dict[str, numpy.ndarray]) -> _Code:
    if not isinstance(leaf, torch.Tensor):
        if leaf is None or type(leaf) in (bool, int, str) or (type(leaf) is float and math.isfinite(leaf)):
            return _Code(repr(leaf))
        if type(leaf) is float:
            return _Code(f'float("{leaf}")')
        raise Unsaved(f"an input is a {type(leaf).__name__}")
    if leaf.layout != torch.strided or leaf.is_quantized or leaf.is_nested:
        raise Unsaved(f"the input {name} is no plain tensor")
    plain = leaf.detach().cpu().resolve_conj().resolve_neg()
    half = plain.dtype == torch.bfloat16  # numpy has none
    arrays[name] = (plain.float() if half else plain).numpy()
    return _Code(f"tensor({json.dumps(name)})" + (".bfloat16()" if half else ""))


def _model(job: Job) -> list[str]:
    folder, module, name = location(job.entry, Path(job.root))
    what = json.dumps(f"{job.entry} exported for {job.target}")[1:-1]
    given = ", ".join([*map(repr, job.args), *(f"{key}={value!r}" for key, value in job.kwargs.items())])
    return [
        f'"""{what} answers otherwise than eager PyTorch here."""',
        "import copy, importlib, numpy, pathlib, sys, torch",
        f"sys.path.insert(0, str(pathlib.Path({json.dumps(ROOT)}) / {json.dumps(folder)}))",
        'arrays = numpy.load(pathlib.Path(__file__).with_suffix(".npz"))',
        "tensor = lambda name: torch.from_numpy(arrays[name])",
        f"torch.manual_seed({job.seed}), numpy.random.seed({job.seed})",
        f"model = importlib.import_module({json.dumps(module)}).{name}",
        f"model = (model if isinstance(model, torch.nn.Module) else model({given})).eval()",
    ]


def _close(call: Call, difference: Difference) -> list[str]:
    dtypes = {tensor.dtype for _, tensor in tensors([*call.args, dict(call.kwargs)])} & set(TOLERANCES)
    relative, absolute = max((TOLERANCES[dtype] for dtype in dtypes), default=TOLERANCES[torch.float32])
    if difference.kind == "value" and 0.0 < difference.allowed < absolute:
        relative, absolute = 0.0, difference.allowed
    return [f"torch.testing.assert_close(got, expected, rtol={relative}, atol={absolute:.3g}, equal_nan=True)"]


def _torch(target: str, request: Request, example: _Written, failing: _Written, calls: int) -> list[str]:
    exports = {
        "trace": f"torch.jit.trace(copy.deepcopy(model), {example.args!r}, check_trace=False)",
        "script": "torch.jit.script(copy.deepcopy(model))",
        "export": f"torch.export.export(copy.deepcopy(model), {example.args!r}, {example.kwargs!r}, dynamic_shapes="
        f"{request.dynamic_shapes(lambda label: _Code('torch.export.Dim.DYNAMIC'))!r}).module()",
    }
    if target == "trace" and (example.kwargs or "None" in example.args):
        left = {name: leaf for name, leaf in example.leaves.items() if leaf != "None"}
        exports["trace"] = (
            f"torch.jit.trace(copy.deepcopy(model), example_kwarg_inputs={left!r}, check_trace=False, strict=False)"
        )
        failing = _Written((), {name: leaf for name, leaf in failing.leaves.items() if leaf != "None"}, failing.leaves)
    return [
        f"exported = {exports[target]}",
        "with torch.no_grad():",
        f"    expected, got = [[f({failing}) for _ in range({calls})][-1] for f in (model, exported)]",
    ]


def _onnx(request: Request, exported: Exported, example: _Written, failing: _Written, calls: int) -> list[str]:
    if any(
        isinstance(value, torch.Tensor) and value.dtype == torch.bfloat16 for value in request.call.leaves().values()
    ):
        raise Unsaved("numpy has no bfloat16 to hand to ONNX Runtime")
    given = {**request.call.defaults(), **failing.leaves}
    feed = {name: _Code(f"numpy.asarray({given[leaf]})") for name, leaf in exported.inputs.items()}
    args = (*example.args, _Code("{}")) if request.call.ends_with_table else example.args
    return [
        'file = str(pathlib.Path(__file__).with_suffix(".onnx"))',
        f"torch.onnx.export(copy.deepcopy(model), {args!r}, file, kwargs={example.kwargs!r},",
        f"    opset_version={request.opset}, {exported.how})",
        'session = importlib.import_module("onnxruntime").InferenceSession(file)',
        "with torch.no_grad():",
        f"    expected = torch.utils._pytree.tree_leaves([model({failing}) for _ in range({calls})][-1])",
        "expected = [leaf for leaf in expected if isinstance(leaf, torch.Tensor)]",
        f"answers = [session.run(None, {feed!r}) for _ in range({calls})][-1]",
        "got = [torch.from_numpy(numpy.asarray(answer)) for answer in answers]",
    ]

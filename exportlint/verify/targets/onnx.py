"""torch.onnx.export with dynamo=True: checked with onnx.checker, run in ONNX Runtime on the CPU."""

from __future__ import annotations

from dataclasses import replace

from exportlint.verify.targets import Exported, Request, guards, runtime

import torch  # isort: skip


def export(request: Request) -> Exported:
    """Exports at the opset asked for, or torch's default. The exporter may write another: `Exported.opset` tells."""
    file = request.folder / "model.onnx"
    program = torch.onnx.export(
        request.model,
        (*request.call.args, {}) if request.call.ends_with_table else request.call.args,
        str(file),
        kwargs=dict(request.call.kwargs),
        opset_version=request.opset,
        dynamic_shapes=request.dynamic_shapes(str),
        dynamo=True,
        verbose=False,
    )
    # one entry for each leaf of the arguments: the name of the graph's input, or the value of a Python argument
    placed = program.exported_program.graph_signature.user_inputs
    names = request.call.passed()
    session = runtime.load(file)
    inputs = runtime.pair_inputs(session, names, [value for value in placed if not isinstance(value, torch.SymInt)])
    how = f"dynamo=True, dynamic_shapes={request.dynamic_shapes(str)!r}"
    done = runtime.exported(file, session, inputs, request)
    return replace(done, how=how, notes={**done.notes, **guards.dropped(program.exported_program)})

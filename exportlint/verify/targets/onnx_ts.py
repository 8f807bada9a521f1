"""torch.onnx.export with dynamo=False (through TorchScript): checked, and run in ONNX Runtime on the CPU."""

from __future__ import annotations

import warnings
from dataclasses import replace

import torch

from exportlint.verify.structure import NUMBERS
from exportlint.verify.targets import Call, Exported, Request, runtime


def export(request: Request) -> Exported:
    """Exports at the opset asked for, or torch's default. Inputs that nothing uses vanish from the file."""
    file = request.folder / "model.onnx"
    leaves = _in_order(request.call)
    # Python numbers become inputs of this exporter's graph; None and strings do not
    names = [name for name, leaf in leaves.items() if isinstance(leaf, (torch.Tensor, *NUMBERS))]
    labels = {name: runtime.plain_name(name) for name in names}
    axes = {labels[name]: dict(axes) for name, axes in request.dynamic.items()} or None
    args = (*request.call.args, {}) if request.call.ends_with_table else request.call.args
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        torch.onnx.export(
            request.model,
            args,
            str(file),
            kwargs=dict(request.call.kwargs) or None,
            opset_version=request.opset,
            input_names=list(labels.values()),
            dynamic_axes=axes,
            dynamo=False,
            verbose=False,
        )
    session = runtime.load(file)
    taken = {argument.name for argument in session.get_inputs()}
    inputs = {label: name for name, label in labels.items() if label in taken}
    if set(inputs) != taken:
        raise runtime.unknown_inputs(taken - set(inputs))
    how = f"dynamo=False, input_names={list(labels.values())!r}, dynamic_axes={axes!r}"
    return replace(runtime.exported(file, session, inputs, request), how=how)


def _in_order(call: Call) -> dict[str, object]:
    """The leaves in the order of forward's parameters, with the defaults, of which this exporter makes inputs too."""
    leaves = {**call.leaves(), **call.defaults()}
    order = list(call.signature.parameters) if call.signature else []
    known = {name: number for number, name in enumerate(order)}
    return dict(sorted(leaves.items(), key=lambda pair: known.get(pair[0].partition(".")[0], len(order))))

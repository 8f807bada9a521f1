"""Calls of the exporters: what they get, and what they give."""

from __future__ import annotations

import ast
from dataclasses import replace

from exportlint.flow.exporting import fitting
from exportlint.flow.exporting.events import Example, ExportCall, Saved
from exportlint.flow.exporting.given import Given
from exportlint.flow.exporting.things import (
    FALSE,
    NONE,
    Const,
    File,
    Model,
    Seq,
    Table,
    Tensor,
    Thing,
    Value,
    number_of,
    text_of,
)
from exportlint.flow.exporting.walk import Frame

NAMES = {
    "torch.jit.trace": ("func", "example_inputs"),
    "torch.jit.script": ("obj",),
    "torch.export.export": ("mod", "args", "kwargs"),
    "torch.onnx.export": ("model", "args", "f"),
    "torch.onnx.utils.export": ("model", "args", "f"),
}
"""Exporters, and the names of their positional parameters in torch 2.13."""

TARGETS = {
    "torch.jit.trace": ("trace",),
    "torch.jit.script": ("script",),
    "torch.export.export": ("export",),
}


def call(frame: Frame, node: ast.Call, name: str, given: Given, used: bool) -> Value | None:
    """What an exporter gives, or a function that rewrites what one gave."""
    if name in ("torch.jit.optimize_for_inference", "torch.jit.freeze", "torch.jit.optimize_for_mobile"):
        return _rewritten(frame, node, name, given)
    if name == "torch.utils.mobile_optimizer.optimize_for_mobile":
        return _rewritten(frame, node, name, given)
    if name == "torch.jit.save":
        return _saved(frame, node, given)
    if name not in NAMES:
        return None
    if name == "torch.jit.script" and given.args and not _is_object(given.args[0][1]):
        return None
    return _export(frame, node, name, given)


def _is_object(value: Value) -> bool:
    return isinstance(value, Thing)


def targets(name: str, given: Given) -> tuple[str, ...]:
    """The targets of a call: which exporter torch.onnx.export runs, its `dynamo` says; both where that is not known."""
    if name in TARGETS:
        return TARGETS[name]
    if name == "torch.onnx.utils.export":
        return ("onnx-ts",)
    dynamo = given.get("dynamo")
    if dynamo is None and given.open:
        return ("onnx", "onnx-ts")
    if dynamo is None or dynamo == Const(True, "bool"):
        return ("onnx",)
    return ("onnx-ts",) if dynamo in (FALSE, NONE) else ("onnx", "onnx-ts")


def _export(frame: Frame, node: ast.Call, name: str, given: Given) -> Value:
    names = NAMES[name]
    value = given.get(names[0], 0)
    model = frame.state.facts.get(value) if value is not None else None
    fact = model if isinstance(model, Model) else Model(form="")
    inputs = given.get(names[1], 1) if len(names) > 1 else None
    where = targets(name, given)
    frame.emit(
        ExportCall,
        node,
        where,
        name=name,
        arguments=given.listed(frame, names),
        modes=fact.modes,
        sensitive=fact.sensitive,
        trained=fact.trained,
        form=fact.form,
        dtype=fact.dtype,
        device=fact.device,
        parameters=_parameters(frame, fact),
        examples=_examples(frame, inputs),
    )
    fitting.check(frame, node, where, fact, inputs, given)
    export = frame.place(node, "it is exported here")
    if name.startswith("torch.onnx"):
        return _onnx(frame, node, given, inputs, fact, where)
    made = frame.make(node, "exported")
    form = {"torch.jit.trace": "traced", "torch.jit.script": "scripted", "torch.export.export": "exported"}[name]
    dynamic = given.open or given.get("dynamic_shapes") not in (None, NONE)
    frame.state.facts[made] = replace(
        fact, form=form, example=inputs, inner=value, export=export, dynamic=dynamic, targets=where
    )
    return made


def _onnx(
    frame: Frame, node: ast.Call, given: Given, inputs: Value | None, fact: Model, where: tuple[str, ...]
) -> Value:
    """The file that torch.onnx.export writes, or the program that it gives for saving later."""
    made = frame.make(node, "onnx")
    beside = where == ("onnx",) and given.get("external_data") is None and not given.open
    values = inputs.items if isinstance(inputs, Seq) else (inputs,) if inputs is not None else None
    written = File(
        "onnx",
        frame.place(node, "it is exported here"),
        _names(given, "input_names") or (_parameters(frame, fact) if where == ("onnx",) and not given.open else None),
        _names(given, "output_names"),
        _dynamic(given, _names(given, "input_names"), _parameters(frame, fact)),
        values,
        beside,
        where,
    )
    path = given.get("f", 2)
    frame.state.facts[made] = written
    if path is not None and path != NONE:
        frame.state.facts[path] = written
        return made if where == ("onnx",) else NONE
    return made


def _names(given: Given, word: str) -> tuple[str, ...] | None:
    value = given.get(word)
    if isinstance(value, Seq):
        texts = [text_of(item) for item in value.items]
        return tuple(texts) if texts and all(text is not None for text in texts) else None
    return None


def _dynamic(
    given: Given, names: tuple[str, ...] | None, parameters: tuple[str, ...] | None
) -> tuple[tuple[str, frozenset[int]], ...] | None:
    """Input name -> dynamic axes; None where that is not known."""
    shapes, axes = given.get("dynamic_shapes"), given.get("dynamic_axes")
    if given.open:
        return None
    if shapes is not None and shapes != NONE:
        return _of_shapes(shapes, names, parameters)
    if axes is None or axes == NONE:
        return ()
    if not isinstance(axes, Table) or names is None:
        return None
    found = []
    for key, held in axes.items:
        numbers = [number_of(axis) for axis in _axes(held)]
        if text_of(key) is None or None in numbers:
            return None
        found.append((text_of(key), frozenset(numbers)))
    return tuple(found)


def _of_shapes(
    shapes: Value, names: tuple[str, ...] | None, parameters: tuple[str, ...] | None
) -> tuple[tuple[str, frozenset[int]], ...] | None:
    """The axes that `dynamic_shapes` names, by parameters of forward or in their order."""
    found = []
    for position, (key, held) in enumerate(shapes.items if isinstance(shapes, Table) else ()):
        name = text_of(key)
        at = parameters.index(name) if parameters and name in parameters else position
        axes = [] if held == NONE else [number_of(axis) for axis in _axes(held)] if isinstance(held, Table) else [None]
        if name is None or None in axes or (names is not None and at >= len(names)):
            return None
        found.append((names[at] if names is not None else name, frozenset(axes)))
    return tuple(found) or None


def _axes(value: Value) -> tuple[Value | None, ...]:
    """The axes in `{0: "batch"}` or `[0]`."""
    if isinstance(value, Table):
        return tuple(key for key, _ in value.items)
    return value.items if isinstance(value, Seq) else (None,)


def _parameters(frame: Frame, fact: Model) -> tuple[str, ...] | None:
    """The names that the model's forward takes without a default."""
    if fact.cls is None or fact.form != "eager":
        return None
    found = frame.walk.traits.classes.find(fact.cls, "forward")
    if found is None or not isinstance(found[1], ast.FunctionDef) or found[1].args.vararg:
        return None
    return tuple(a.arg for a in (*found[1].args.posonlyargs, *found[1].args.args))[1:]


def _examples(frame: Frame, inputs: Value | None) -> tuple[Example | None, ...] | None:
    if inputs is None:
        return None
    fact = frame.state.facts.get(inputs)
    if isinstance(fact, Tensor):
        return (fact.example,)
    if not isinstance(inputs, Seq):
        return None
    facts = [frame.state.facts.get(item) for item in inputs.items]
    return tuple(fact.example if isinstance(fact, Tensor) else None for fact in facts)


def _rewritten(frame: Frame, node: ast.Call, name: str, given: Given) -> Value | None:
    fact = frame.state.facts.get(given.args[0][1]) if given.args else None
    if not isinstance(fact, Model):
        return None
    made = frame.make(node, "exported")
    optimized = frame.place(node, "it is optimized here") if name.endswith("_for_inference") else fact.optimized
    frame.state.facts[made] = replace(fact, optimized=optimized)
    return made


def _saved(frame: Frame, node: ast.Call, given: Given) -> Value:
    model, path = given.get("m", 0), given.get("f", 1)
    fact = frame.state.facts.get(model) if model is not None else None
    _write(frame, node, fact if isinstance(fact, Model) else None, path)
    return NONE


def _write(frame: Frame, node: ast.Call, fact: Model | None, path: Value | None) -> None:
    if fact is not None and fact.form in ("traced", "scripted"):
        frame.emit(
            Saved,
            node,
            ("trace",) if fact.form == "traced" else ("script",),
            form=fact.form,
            optimized=fact.optimized,
            convolution=fact.convolution,
            modes=fact.modes,
            sensitive=fact.sensitive,
        )
    if path is not None:
        frame.state.facts[path] = File("script", frame.place(node, "it is written here"))


def method(frame: Frame, node: ast.Call, called, fact: Model, given: Given) -> Value | None:
    """Methods of what an exporter gave."""
    if called.name in ("save", "_save_for_lite_interpreter") and fact.form in ("traced", "scripted"):
        _write(frame, node, fact, given.get("f", 0))
        return NONE
    if called.name == "module" and fact.form == "exported":
        made = frame.make(node, "program")
        frame.state.facts[made] = replace(fact, form="program")
        return made
    return None

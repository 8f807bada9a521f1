"""Running what was exported: ONNX Runtime's sessions, and the programs of torch.export."""

from __future__ import annotations

import ast

from exportlint.flow.exporting.events import Example, Fed, Run
from exportlint.flow.exporting.given import Given
from exportlint.flow.exporting.things import (
    Answer,
    File,
    Method,
    Model,
    Seq,
    Session,
    Table,
    Tensor,
    Value,
    text_of,
    within,
)
from exportlint.flow.exporting.walk import Frame

_WRITERS = {"onnxruntime.quantization.quantize_dynamic", "onnxruntime.quantization.quantize_static"}


def call(frame: Frame, node: ast.Call, name: str, given: Given, used: bool) -> Value | None:
    """Sessions, and files made from files."""
    if name == "onnxruntime.InferenceSession":
        path = given.get("path_or_bytes", 0)
        if path is None:
            return None
        made = frame.make(node, "session")
        frame.state.facts[made] = Session(path)
        return made
    if name in ("torch.jit.load", "torch.export.load"):
        return _loaded(frame, node, name)
    if name in _WRITERS or name in ("onnx.save", "onnx.save_model"):
        _rewritten(frame, given, name in _WRITERS)
        return frame.make(node)
    return None


def _loaded(frame: Frame, node: ast.Call, name: str) -> Value:
    made = frame.make(node, "loaded")
    form = "scripted" if name == "torch.jit.load" else "exported"
    frame.state.facts[made] = Model(form=form, dynamic=True)
    return made


def _rewritten(frame: Frame, given: Given, quantized: bool) -> None:
    """A file made from another one holds its names; its weights stand inside."""
    from dataclasses import replace

    source, target = given.get("model_input", 0), given.get("model_output", 1)
    fact = frame.state.facts.get(source) if source is not None else None
    if target is None or target == source:
        return
    if isinstance(fact, File):
        frame.state.facts[target] = replace(fact, beside=False, example=None if quantized else fact.example)
    else:
        frame.state.facts.pop(target, None)


def method(frame: Frame, node: ast.Call, called: Method, session: Session, given: Given) -> Value | None:
    """Methods of a session."""
    if called.name != "run":
        return frame.make(node)
    fact = frame.state.facts.get(session.file)
    feed = given.get("input_feed", 1)
    asked = given.get("output_names", 0)
    fed = _fed(frame, feed, fact) if isinstance(feed, Table) else ()
    if isinstance(fact, File) and fact.holds == "onnx" and fact.export is not None and fed:
        frame.emit(
            Run,
            node,
            fact.targets,
            runtime="onnxruntime",
            export=fact.export,
            inputs=fact.inputs,
            outputs=fact.outputs,
            fed=fed,
            asked=tuple(filter(None, map(text_of, asked.items))) if isinstance(asked, Seq) else (),
        )
    made = frame.make(node, "answer")
    parts = [frame.state.facts.get(part) for part in within(feed)] if feed is not None else []
    origins = frozenset(part.origin for part in parts if isinstance(part, Tensor))
    all_known = isinstance(feed, Table) and all(isinstance(frame.state.facts.get(v), Tensor) for _, v in feed.items)
    frame.state.facts[made] = Answer(session.file, origins if all_known else origins | {made}, True)
    return made


def _fed(frame: Frame, feed: Table, fact: object) -> tuple[Fed, ...]:
    file = fact if isinstance(fact, File) else File("onnx")
    known = dict(file.dynamic) if file.dynamic is not None else None
    found = []
    for position, (key, value) in enumerate(feed.items):
        name = text_of(key)
        at = file.inputs.index(name) if file.inputs and name in file.inputs else position
        if name is None and len(feed.items) > 1:
            at = len(file.example or ())  # nothing says which input it is
        example = file.example[at] if file.example is not None and at < len(file.example) else None
        key_name = file.inputs[at] if file.inputs and at < len(file.inputs) else name
        dynamic = None if known is None else known.get(key_name, frozenset())
        found.append(Fed(name, _example(frame, value), _example(frame, example), dynamic))
    return tuple(found)


def _example(frame: Frame, value: Value | None) -> Example | None:
    fact = frame.state.facts.get(value) if value is not None else None
    return fact.example if isinstance(fact, Tensor) else None


def program(frame: Frame, node: ast.Call, model: Model, given: Given) -> None:
    """A program of torch.export is called."""
    if model.dynamic or model.export is None or given.kwargs or not isinstance(model.example, Seq):
        return
    pairs = zip(given.args, model.example.items, strict=False)
    fed = tuple(
        Fed(None, _example(frame, value), _example(frame, example), frozenset()) for (_, value), example in pairs
    )
    common = {"inputs": None, "outputs": None, "asked": ()}
    frame.emit(Run, node, ("export",), runtime="torch.export", export=model.export, fed=fed, **common)

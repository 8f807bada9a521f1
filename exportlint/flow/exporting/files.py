"""Files that a script writes and reads: checkpoints, and the sizes of ONNX files."""

from __future__ import annotations

import ast

from exportlint.flow.exporting.events import LibraryCall, Measured
from exportlint.flow.exporting.given import Given
from exportlint.flow.exporting.things import NONE, File, Method, Model, Value
from exportlint.flow.exporting.walk import Frame
from exportlint.flow.training_only import serves_training
from exportlint.source.remembered import below

ASKED_FOR = (
    "torch.load",
    "torch.hub.load",
    "torchvision.models.",
    "coremltools.",
    "onnx_coreml.",
    "torch.onnx.dynamo_export",
    "torch.onnx.ExportOptions",
    "torch.onnx.ONNXRuntimeOptions",
    "torch.onnx.OnnxRegistry",
    "torch.onnx.enable_fake_mode",
    "torch.onnx.export_to_pretty_string",
    "torch.onnx._export",
    "torch.onnx.is_onnxrt_backend_supported",
    "torch.onnx.verification.",
)
"""Functions, or beginnings of their names, whose calls some rule wants to see."""

_PARAMETERS = {"torch.load": ("f", "map_location", "pickle_module")}


def call(frame: Frame, node: ast.Call, name: str, given: Given, used: bool) -> Value | None:
    """What reading and writing files gives."""
    if name == "torch.save":
        return _save(frame, node, given)
    if name == "builtins.open" and given.args:
        return given.args[0][1]
    if name in ("os.path.getsize", "os.stat") and given.args:
        return _measured(frame, node, given.args[0][1])
    if not name.startswith(ASKED_FOR):
        return None
    path = frame.state.facts.get(given.args[0][1]) if name == "torch.load" and given.args else None
    saved = path.holds if isinstance(path, File) else None
    listed = given.listed(frame, _PARAMETERS.get(name, ()))
    if not given.open and not _is_no_export(frame, name):
        frame.emit(LibraryCall, node, name=name, arguments=listed, saved=saved)
    from exportlint.flow.exporting import modules

    if name != "torch.load":
        return modules.call(frame, node, name, given, used) or frame.make(node)
    return _loaded(frame, node, saved)


def _is_no_export(frame: Frame, name: str) -> bool:
    """Whether a call is there for other releases of torch, or reads samples of data and no model."""
    if name.startswith(("torch.load", "torchvision.models.")):
        return serves_training(frame.module.name, frame.symbol)
    return name.startswith("torch.onnx.") and _asks_first(frame.walk.reading[-1:])


def _asks_first(reading: list[ast.AST]) -> bool:
    """Whether the function asks what torch has (`hasattr(torch.onnx, "export")`), so that it knows other releases."""
    calls = (node for function in reading for node in below(function) if isinstance(node, ast.Call))
    return any(isinstance(c.func, ast.Name) and c.func.id == "hasattr" and _is_onnx(c.args[0]) for c in calls if c.args)


def _is_onnx(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "onnx"


def _loaded(frame: Frame, node: ast.Call, saved: str | None) -> Value:
    made = frame.make(node, "loaded")
    if saved == "module":
        frame.state.facts[made] = Model()
    return made


def _save(frame: Frame, node: ast.Call, given: Given) -> Value:
    what, path = given.get("obj", 0), given.get("f", 1)
    if what is None or path is None:
        return NONE
    fact = frame.state.facts.get(what)
    if isinstance(fact, Model) and fact.form == "eager" and fact.trained is not None:
        frame.state.facts[path] = File("module")
    elif path in frame.state.facts:
        frame.state.facts.pop(path)
    return NONE


def _measured(frame: Frame, node: ast.Call, path: Value) -> Value:
    fact = frame.state.facts.get(path)
    if isinstance(fact, File) and fact.beside and fact.export is not None:
        frame.emit(Measured, node, ("onnx",), export=fact.export)
    return frame.make(node)


def method(frame: Frame, node: ast.Call, called: Method, given: Given) -> Value | None:
    """Methods of a path, and of the ONNX program that torch.onnx.export gives."""
    fact = frame.state.facts.get(called.receiver)
    if not isinstance(fact, File):
        return None
    if called.name == "stat":
        return _measured(frame, node, called.receiver)
    if called.name == "save" and fact.holds == "onnx":
        path = given.get("destination", 0)
        if path is not None:
            frame.state.facts[path] = fact
        return NONE
    return None

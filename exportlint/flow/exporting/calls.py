"""Calls in a script: who is called, and what that does to models, tensors and files."""

from __future__ import annotations

import ast
from dataclasses import replace

from exportlint.flow.exporting import comparing, exporters, files, follow, methods, modules, runtimes, tensors
from exportlint.flow.exporting.expressions import evaluate
from exportlint.flow.exporting.given import Given, arguments
from exportlint.flow.exporting.names import as_object
from exportlint.flow.exporting.things import NONE, Inside, Local, Method, Model, Outside, Thing, Value, text_of, within
from exportlint.flow.exporting.walk import Frame

_ENDS = frozenset({"sys.exit", "os._exit", "builtins.exit", "builtins.quit"})
_SAME = frozenset(
    "builtins.str pathlib.Path os.fspath os.path.abspath os.path.realpath os.path.expanduser builtins.list "
    "builtins.tuple copy.copy builtins.print_ torch.no_grad torch.inference_mode onnx.load onnx.load_model "
    "onnx.shape_inference.infer_shapes".split()
)
"""Functions whose result stands for their argument: a path stays that file, a loaded ONNX model too."""

_HARMLESS = ("torch.", "numpy.", "builtins.", "onnx.", "onnxruntime.", "logging.", "torchinfo.", "torchsummary.")
"""Libraries whose functions leave a model's mode alone, however they get it."""

READERS = (files.call, modules.call, tensors.call, exporters.call, runtimes.call, comparing.call)
"""Each answers for the functions outside the project that it knows, and None for the others."""


def call(frame: Frame, node: ast.Call, used: bool) -> Value:
    """What a call gives."""
    function = evaluate(frame, node.func)
    given = arguments(frame, node)
    if isinstance(function, Outside):
        return _outside(frame, node, function.name, given, used)
    if isinstance(function, Inside | Local):
        followed = follow.call(frame, node, function, given)
        return followed if followed is not None else _unknown(frame, node, given)
    if isinstance(function, Method):
        found = methods.call(frame, node, function, given, used)
        if found is not None:
            return found
        return _unknown(frame, node, given)
    called = as_object(frame, function)
    found = methods.call(frame, node, Method(called, "__call__"), given, used)
    return found if found is not None else _unknown(frame, node, given)


def _outside(frame: Frame, node: ast.Call, name: str, given: Given, used: bool) -> Value:
    if name in _ENDS:
        frame.state.alive = False
        return NONE
    if name in _SAME and given.args:
        return given.args[0][1]
    if name == "os.path.join":
        parts = [value for _, value in given.args]
        texts = [text_of(part) for part in parts]
        from exportlint.flow.exporting.things import const

        return const("/".join(texts)) if all(texts) else Thing(("path", *parts))
    for reader in READERS:
        found = reader(frame, node, name, given, used)
        if found is not None:
            return found
    if name == "builtins.setattr" and given.args:
        modules.rebuilt(frame, given.args[0][1])
    if not name.startswith(_HARMLESS):
        return _unknown(frame, node, given)
    return frame.make(node)


def _unknown(frame: Frame, node: ast.Call, given: Given) -> Value:
    """A call of something that is not known: it may put a model that it gets into any mode."""
    for value in given.values():
        for part in within(value):
            fact = frame.state.facts.get(part)
            if isinstance(fact, Model):
                frame.state.facts[part] = replace(fact, modes=frozenset({"unknown"}), built=None)
            elif isinstance(part, Thing):
                modules.rebuilt(frame, part)
    return frame.make(node)

"""Methods of models, tensors, sessions and files."""

from __future__ import annotations

import ast
from dataclasses import replace

from exportlint.flow.exporting import compiled, exporters, files, follow, modules, runtimes
from exportlint.flow.exporting.given import Given
from exportlint.flow.exporting.tensors import DTYPES, device_of, dtype_of
from exportlint.flow.exporting.things import (
    FALSE,
    NONE,
    TRUE,
    Answer,
    Const,
    Method,
    Model,
    Session,
    Tensor,
    Value,
    text_of,
    within,
)
from exportlint.flow.exporting.walk import Frame

_KEEPS = frozenset("requires_grad_ share_memory zero_grad apply to_empty type fuse_model".split())
_READS = frozenset(
    "parameters named_parameters buffers named_buffers children named_children modules named_modules state_dict "
    "load_state_dict items values keys get_submodule get_parameter extra_repr save module".split()
)
"""Methods that leave a model built as it is."""
_SAME_NUMBERS = frozenset("detach cpu numpy contiguous clone cuda requires_grad_ tolist resolve_conj squeeze".split())
_SAME_PATH = frozenset("as_posix resolve absolute expanduser SerializeToString __str__ __fspath__".split())
_FLOATS = {"half": "float16", "float": "float32", "double": "float64", "bfloat16": "bfloat16"}


def call(frame: Frame, node: ast.Call, called: Method, given: Given, used: bool) -> Value | None:
    """What a method gives; None where nothing is known of it."""
    followed = follow.method(frame, node, called, given)
    if followed is not None:
        return followed
    fact = frame.state.facts.get(called.receiver)
    if isinstance(fact, Session):
        return runtimes.method(frame, node, called, fact, given)
    if isinstance(fact, Tensor):
        return _of_tensor(frame, node, called, fact, given)
    if isinstance(fact, Answer):
        return _of_answer(frame, node, called, fact)
    if called.name in _SAME_PATH:
        return called.receiver
    if called.name in ("items", "values", "keys"):
        return frame.make(node)
    return _of_model(frame, node, called, fact if isinstance(fact, Model) else None, given)


def _of_model(frame: Frame, node: ast.Call, called: Method, fact: Model | None, given: Given) -> Value | None:
    model, receiver = fact or Model(), called.receiver
    mode = _mode(called.name, given)
    if mode is not None:
        where = frame.place(node, "it is put into training mode here") if mode == "train" else model.trained
        set_mode(frame, receiver, replace(model, modes=frozenset({mode}), trained=where))
        return receiver
    if called.name in ("to", "cuda", "cpu", *_FLOATS):
        return _moved(frame, called, model, given)
    if fact is None:
        return files.method(frame, node, called, given)
    if called.name in _KEEPS:
        return receiver
    if called.name in ("__call__", "forward"):
        return _answer(frame, node, receiver, fact, given)
    if called.name == "compile":
        frame.state.facts[receiver] = replace(fact, form="compiled")
        return NONE
    if called.name not in _READS:
        compiled.called(frame, node, called.name, fact)
        modules.rebuilt(frame, receiver)
    return exporters.method(frame, node, called, fact, given) or frame.make(node)


def _mode(name: str, given: Given) -> str | None:
    """The mode that a method puts a model into."""
    if name == "eval" and not given.args:
        return "eval"
    if name != "train" or given.open or len(given.args) + len(given.kwargs) > 1:
        return None
    flag = given.get("mode", 0)
    if flag is None or flag == TRUE:
        return "train"
    if flag == FALSE:
        return "eval"
    return "unknown" if not isinstance(flag, Const) and not given.kwargs else None


def set_mode(frame: Frame, receiver: Value, model: Model) -> None:
    """Put a model, its parts and what it wraps into a mode."""
    facts = frame.state.facts
    facts[receiver] = model
    for other in [key for key, fact in facts.items() if isinstance(fact, Model) and key != receiver]:
        if _is_part(other, receiver) or (
            facts[other].inner == receiver and facts[other].form in ("parallel", "compiled")
        ):
            facts[other] = replace(facts[other], modes=model.modes, trained=model.trained)
    inner = facts.get(model.inner) if model.inner is not None else None
    if isinstance(inner, Model):
        facts[model.inner] = replace(inner, modes=model.modes, trained=model.trained)


def _is_part(value: Value, whole: Value) -> bool:
    key = getattr(value, "key", ())
    return bool(key) and key[0] == "field" and (key[1] == whole or _is_part(key[1], whole))


def _moved(frame: Frame, called: Method, model: Model, given: Given) -> Value:
    """A model on another device or of another dtype is the same object."""
    device, dtype = model.device, model.dtype
    if called.name in _FLOATS:
        dtype = _FLOATS[called.name]
    elif called.name in ("cpu", "cuda"):
        device = called.name
    for value in given.values() if called.name == "to" else ():
        if dtype_of(value) and str(dtype_of(value)).startswith(("float", "bfloat")):
            dtype = dtype_of(value)
        else:
            device = device_of(value)
    frame.state.facts[called.receiver] = replace(model, device=device, dtype=dtype)
    return called.receiver


def _answer(frame: Frame, node: ast.Call, receiver: Value, model: Model, given: Given) -> Value:
    """The result of running a model."""
    if model.form == "program":
        runtimes.program(frame, node, model, given)
    parts = [part for value in given.values() for part in within(value)]
    origins = frozenset(fact.origin for part in parts if isinstance(fact := frame.state.facts.get(part), Tensor))
    known = bool(parts) and all(isinstance(frame.state.facts.get(value), Tensor) for value in given.values())
    made = frame.make(node, "answer")
    exported = model.form in ("traced", "scripted", "program")
    unknown = frozenset() if known else frozenset({made})
    frame.state.facts[made] = Answer(receiver, origins | unknown, exported)
    return made


def _of_tensor(frame: Frame, node: ast.Call, called: Method, fact: Tensor, given: Given) -> Value | None:
    example, name = fact.example, called.name
    if name in _SAME_NUMBERS:
        device = {"cuda": "cuda", "cpu": "cpu", "numpy": "cpu"}.get(name, example.device)
        shape = None if name == "squeeze" else example.shape
        changed = replace(example, device=device, shape=shape, array=example.array or name == "numpy")
        return _same(frame, node, Tensor(changed, fact.origin))
    if name in ("half", "float", "double", "long", "int", "bfloat16"):
        dtype = _FLOATS.get(name) or DTYPES[name]
        return _same(frame, node, Tensor(replace(example, dtype=dtype), fact.origin))
    if name in ("astype", "to", "type"):
        for value in given.values():
            dtype, device = dtype_of(value), device_of(value)
            numeric = dtype is not None and dtype.startswith(("float", "int", "bfloat", "uint", "bool"))
            example = replace(example, dtype=dtype) if numeric else replace(example, device=device)
            if not numeric and text_of(value) is None:
                example = replace(example, device=None, dtype=None)
        return _same(frame, node, Tensor(example, fact.origin))
    if name == "unsqueeze" and example.shape is not None and given.get("dim", 0) == Const(0, "int"):
        return _same(frame, node, Tensor(replace(example, shape=(1, *example.shape)), fact.origin))
    made = frame.make(node)
    frame.state.facts[made] = Tensor(replace(example, shape=None, dtype=None), made)
    return made


def _same(frame: Frame, node: ast.Call, fact: Tensor) -> Value:
    made = frame.make(node, "tensor")
    frame.state.facts[made] = fact
    return made


def _of_answer(frame: Frame, node: ast.Call, called: Method, fact: Answer) -> Value | None:
    """What is computed from a result is still that result's."""
    made = frame.make(node)
    frame.state.facts[made] = fact
    return made

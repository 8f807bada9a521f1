"""Calls: what is called, with which arguments, and where it leads."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow import (
    custom_operators,
    distributions,
    layers,
    library,
    outside_torch,
    own_state,
    passed,
    python_calls,
    python_methods,
    reporting,
    shared_state,
    torch_calls,
    views,
)
from exportlint.flow.arguments import Arguments
from exportlint.flow.assignment import rebind, with_item
from exportlint.flow.attributes import method
from exportlint.flow.events import CustomCall
from exportlint.flow.guards import TRACERS
from exportlint.flow.iteration import elements
from exportlint.flow.joins import join, join_all, member
from exportlint.flow.objects import decorators, is_housekeeping
from exportlint.flow.values import (
    CERTAIN,
    UNKNOWN,
    Api,
    Class,
    Const,
    Distribution,
    Function,
    Instance,
    Layer,
    Map,
    Method,
    Partial,
    Seq,
    Static,
    Tensor,
    Value,
    Wrapped,
    options,
)

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_COMPILED = ("jit.script", "jit.script_if_tracing")
_NOT_EXPORTED = ("torch.jit.ignore", "torch.jit.unused", "jit.ignore", "jit.unused")


def call(frame: Frame, node: ast.Call) -> Value:
    """The kind of a call expression."""
    function = frame.eval(node.func)
    given = passed.arguments(frame, node)
    if isinstance(node.func, ast.Attribute):
        own_state.grown(frame, node)
        shared_state.grown(frame, node)
        changed = _changed_in_place(frame, node.func, given)
        if changed is not None:
            return changed
    first = given.args[0] if given.args else None
    return join_all(
        [views.of_call(node, option, first, apply(frame, node, option, given)) for option in options(function)]
    )


def apply(frame: Frame, node: ast.AST, function: Value, given: Arguments) -> Value:
    """The kind that calling a value gives."""
    if isinstance(function, Function):
        return _run(frame, node, function, given)
    if isinstance(function, Instance):
        return _call_instance(frame, node, function, given)
    if isinstance(function, Layer):
        return layers.call(frame, node, function, given)
    if isinstance(function, Class):
        return _construct(frame, function, given)
    if isinstance(function, Seq) and function.type == "Sequential":
        return _sequential(frame, node, function, given)
    if isinstance(function, Method):
        return _call_method(frame, node, function, given)
    if isinstance(function, Partial):
        merged = Arguments(
            function.args + given.args, dict(function.kwargs) | given.kwargs, given.open_args, given.open_kwargs
        )
        return apply(frame, node, function.function, merged)
    if isinstance(function, Wrapped):
        reporting.wrapper_call(frame, node, function.span, function.wrapper, function.asked)
        return apply(frame, node, function.inner, given)
    if isinstance(function, Api):
        return _call_api(frame, node, function.name, given)
    return UNKNOWN


def _run(frame: Frame, node: ast.AST, function: Function, given: Arguments) -> Value:
    if frame.quiet and is_housekeeping(frame.constructing, frame.function, function):
        return UNKNOWN
    if not frame.is_certain and frame.interpreter.classes.is_call_of_loss(function):
        return UNKNOWN  # `if labels is not None`: what is exported gets no labels
    quiet = frame.quiet
    names = decorators(function.node)
    if any(name.endswith(_NOT_EXPORTED) for name in names):
        if frame.live == {"script"}:
            return UNKNOWN
        return frame.interpreter.run(function, given, frame.live - {"script"}, quiet)
    if operator := custom_operators.defined(function.node):
        frame.emit(CustomCall, node, CERTAIN, name=operator, by_function=True)
        return frame.interpreter.run(function, given, frame.live, True)
    live = frame.live
    if any(name.endswith(_COMPILED) for name in names):  # a tracer leaves it as it is, with both arms of its branches
        live = frame.live - TRACERS
        live, quiet = (live, quiet) if live else (frame.live, True)
    reporting.decorated_call(frame, node, function)
    constructing = frame.constructing if function.receiver is frame.constructing else None
    interpreter = frame.interpreter
    outer = interpreter.in_doubt, interpreter.unrecorded
    interpreter.in_doubt, interpreter.unrecorded = not frame.is_certain, frame.unrecorded > 0
    result = interpreter.run(function, given, live, quiet, constructing)
    interpreter.in_doubt, interpreter.unrecorded = outer
    if isinstance(function.node, ast.AsyncFunctionDef):
        return UNKNOWN
    return Seq("list", None, member(result)) if _is_context(names) and isinstance(result, Seq) else result


def _is_context(names: list[str]) -> bool:
    return any(name.rpartition(".")[2] == "contextmanager" for name in names)


def _call_instance(frame: Frame, node: ast.AST, instance: Instance, given: Arguments) -> Value:
    function = method(frame, instance, "__call__") or method(frame, instance, "forward")
    if function is None:
        return _inherited(frame, node, instance, given)
    doubt = function.owner is not None and frame.interpreter.classes.chooses_forward(function.owner)
    frame.doubts += doubt
    result = _run(frame, node, function, given)
    frame.doubts -= doubt
    return result


def _inherited(frame: Frame, node: ast.AST, instance: Instance, given: Arguments) -> Value:
    """A subclass of one of torch's layers that leaves its forward alone."""
    for base in frame.interpreter.classes.foreign(instance.cls):
        if base.startswith("torch.nn.") and base != "torch.nn.Module":
            return layers.call(frame, node, Layer(base, instance.arguments), given)
    return UNKNOWN


def _construct(frame: Frame, function: Class, given: Arguments) -> Value:
    foreign = frame.interpreter.classes.foreign(function.defined)
    if any(base.startswith(("torch.nn.Sequential", "torch.nn.ModuleList")) for base in foreign):
        init = frame.interpreter.classes.find(function.defined, "__init__")
        if init is None:
            return Seq("Sequential" if "torch.nn.Sequential" in foreign else "ModuleList", given.args)
    return frame.interpreter.instance(function.defined, given)


def _sequential(frame: Frame, node: ast.AST, layers: Seq, given: Arguments) -> Value:
    value = given.args[0] if given.args else UNKNOWN
    if layers.items is not None:
        for item in layers.items:
            value = join_all([apply(frame, node, option, Arguments((value,))) for option in options(item)])
        return value
    once = join_all([apply(frame, node, option, Arguments((value,))) for option in options(layers.element)])
    again = join(value, once)
    return join(once, join_all([apply(frame, node, option, Arguments((again,))) for option in options(layers.element)]))


def _call_method(frame: Frame, node: ast.AST, function: Method, given: Arguments) -> Value:
    receiver = function.receiver
    if isinstance(receiver, Tensor):
        return torch_calls.method(frame, node, receiver, function.name, given)
    if isinstance(receiver, Instance) and function.name == "__call__":
        forward = method(frame, receiver, "forward")
        return UNKNOWN if forward is None else _run(frame, node, forward, given)
    if isinstance(receiver, Instance):
        return library.module_method(frame, receiver, function.name, given)
    if isinstance(receiver, Distribution):
        return distributions.method(frame, node, receiver, function.name, given)
    if isinstance(receiver, Class):
        reporting.autograd_call(frame, node, receiver)
        return Tensor("input")
    return python_methods.method(frame, node, receiver, function.name, given)


def _call_api(frame: Frame, node: ast.AST, name: str, given: Arguments) -> Value:
    if name.startswith("builtins."):
        return python_calls.builtin(frame, node, name.removeprefix("builtins."), given)
    if name in (
        "functools.partial",
        "torch.utils.checkpoint.checkpoint",
        "torch.compile",
        "torch.jit.script",
        "torch.jit.trace",
        "copy.deepcopy",
        "copy.copy",
    ):
        return _wrapper(frame, node, name, given)
    if name in ("torch.autocast", "torch.amp.autocast"):
        outside_torch.autocast(frame, node, given)
    if operator := custom_operators.called(name):
        frame.emit(CustomCall, node, CERTAIN, name=operator, by_function=False)
        return UNKNOWN
    if name.startswith("torch."):
        return torch_calls.function(frame, node, name, given)
    return library.function(frame, node, name, given)


def _wrapper(frame: Frame, node: ast.AST, name: str, given: Arguments) -> Value:
    if not given.args:
        return UNKNOWN
    first, rest = given.args[0], given.args[1:]
    if name == "functools.partial":
        return Partial(first, rest, tuple(given.kwargs.items()))
    if name == "torch.utils.checkpoint.checkpoint":
        kwargs = {
            k: v for k, v in given.kwargs.items() if k not in ("use_reentrant", "preserve_rng_state", "context_fn")
        }
        reentrant = Const("bool", True)  # the default of torch 2.13 too, with a warning
        if not given.open_kwargs and given.kwargs.get("use_reentrant", reentrant) == reentrant:
            reporting.wrapper_call(frame, node, frame.module.span(node), "checkpoint")
        return join_all(
            [apply(frame, node, option, Arguments(rest, kwargs, given.open_args)) for option in options(first)]
        )
    if name.startswith("copy."):
        outside_torch.copied(frame, node, name, given)
        return first
    if name == "torch.compile" or outside_torch.is_module(frame, first):
        return Wrapped(name, first, frame.module.span(node), not frame.is_certain)
    return first if name == "torch.jit.script" else UNKNOWN


def _changed_in_place(frame: Frame, func: ast.Attribute, given: Arguments) -> Value | None:
    """`items.append(x)` and its kin rebind what holds the container."""
    if func.attr not in ("append", "extend", "insert", "update", "setdefault", "add"):
        return None
    container = frame.eval(func.value)
    if isinstance(container, Seq):
        added = _added(frame, func, given)
        if added is None:
            return None
        grown = container.items is not None and func.attr == "append" and len(container.items) < 32 and frame.certain
        if grown:
            rebind(frame, func.value, Seq(container.type, (*container.items, added)))
        elif container.items == ():
            rebind(frame, func.value, Seq(container.type, None, added))
        else:
            rebind(frame, func.value, Seq(container.type, None, join(member(container), added)))
        return Static("NoneType")
    if isinstance(container, Map) and func.attr == "update":
        for key, value in given.kwargs.items():
            container = with_item(container, Const("str", key), value)
        for other in given.args:
            for key, value in other.items if isinstance(other, Map) else ():
                container = with_item(container, Const(type(key).__name__, key), value)
            if not isinstance(other, Map) or other.element is not None:
                container = with_item(container, UNKNOWN, other.element if isinstance(other, Map) else UNKNOWN)
        rebind(frame, func.value, container)
        return Static("NoneType")
    return None


def _added(frame: Frame, func: ast.Attribute, given: Arguments) -> Value | None:
    if not given.args:
        return None
    if func.attr == "extend":
        return elements(frame, func.value, given.args[0], "call")
    return given.args[-1]

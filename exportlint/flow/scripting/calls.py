"""Calls as torch.jit.script types them: what it follows, what it knows by name, and what it has no word for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.data import torch_returns
from exportlint.flow.objects import decorators
from exportlint.flow.scripting import attribute_writes, builtin_calls, fields
from exportlint.flow.scripting import library_calls as library
from exportlint.flow.scripting.call_arguments import arguments, check_arguments
from exportlint.flow.scripting.fitting import fits
from exportlint.flow.scripting.names import (
    MODULE_MEMBERS,
    TENSOR_METHODS,
)
from exportlint.flow.scripting.types import (
    BOOL,
    INT,
    NONE,
    SCALAR,
    STR,
    TENSOR,
    Type,
    Unscriptable,
    is_dataclass,
    is_optional,
    list_of,
    optional,
)
from exportlint.flow.values import UNKNOWN, Class, Function, Instance, Layer, Map, Seq, Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body

_TENSOR_RESULTS = {"size": list_of(INT), "dim": INT, "numel": INT, "stride": list_of(INT), "item": SCALAR}
_TENSOR_RESULTS |= {name: list_of(TENSOR) for name in ("chunk", "split", "unbind", "tensor_split")}
_TENSOR_RESULTS |= dict.fromkeys(("is_floating_point", "is_complex", "is_contiguous", "equal", "allclose"), BOOL)


def call(body: Body, node: ast.Call) -> Value:
    """The type of a call; the function called is compiled too where it is the project's."""
    name = body.external(node.func)
    if name.startswith("builtins."):
        return builtin_calls.call(body, node, name.removeprefix("builtins."))
    if name:
        return library.outside(body, node, name)
    if isinstance(node.func, ast.Attribute) and _is_super(body, node.func.value):
        arguments(body, node)
        body.fault(node, "super-call", f"super().{node.func.attr}")
        return UNKNOWN
    if isinstance(node.func, ast.Attribute):
        return _member(body, node)
    function = body.term(node.func)
    return _apply(body, node, function, arguments(body, node))


def _is_super(body: Body, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and body.external(node.func) == "builtins.super"


def _apply(body: Body, node: ast.Call, function: Value, given: list[Value] | None) -> Value:
    keywords = {k.arg: body.term(k.value) for k in node.keywords if k.arg is not None}
    if isinstance(function, Function):
        return _function(body, node, function, given, keywords)
    if isinstance(function, Instance):
        return _module(body, node, function, given, keywords)
    if isinstance(function, Layer):
        return _layer(body, node, function, given)
    if isinstance(function, Class):
        return _construct(body, node, function, given, keywords)
    if isinstance(function, Type) and function.name == "sliced module":
        body.fault(node, "module-container", "a module of a sliced ModuleList called")
    if is_optional(function) or function == NONE:
        body.fault(node, "optional", f"{function} called")
    if isinstance(function, Seq | Map) and function.type in ("ModuleList", "ModuleDict"):
        body.fault(node, "module-container", f"a {function.type} called, which has no forward")
    if isinstance(function, Seq) and function.type == "Sequential":
        if given and function.items and isinstance(function.items[0], Layer):
            _layer(body, node, function.items[0], given)
        return _result(body, function)
    return UNKNOWN


def _result(body: Body, module: Value) -> Value:
    """What a module gives that others stand before, or that leaves forward to its base."""
    if isinstance(module, Layer):
        return TENSOR if _returns_tensor(module) and "->" not in torch_returns()[module.name] else UNKNOWN
    if isinstance(module, Seq) and module.type == "Sequential" and module.items:
        return _result(body, module.items[-1])
    if not isinstance(module, Instance) or not body.program.is_module(module.cls):
        return UNKNOWN
    forward = _forward(body, module)
    if forward is not None:
        return body.program.function(forward, bool(body.doubts))
    found = body.program.classes.find(module.cls, "forward")
    bases = [base for base in body.program.classes.foreign(module.cls) if base != "torch.nn.Module"]
    return _result(body, Layer(bases[0])) if found is None and bases else UNKNOWN


def _forward(body: Body, module: Instance) -> Function | None:
    """The forward that the project writes for a module."""
    found = body.program.classes.find(module.cls, "forward")
    if found is None or not isinstance(found[1], ast.FunctionDef):
        return None
    return Function(found[0].module, found[1], f"{found[0].qualname}.forward", module, found[0])


def _returns_tensor(layer: Value) -> bool:
    kind = torch_returns().get(layer.name, "")
    return kind.startswith("tensor") and not kind.startswith("tensors") and ";" not in kind


def _layer(body: Body, node: ast.Call, layer: Layer, given: list[Value] | None) -> Value:
    if given and _returns_tensor(layer) and fits(TENSOR, given[0]) is False:
        kind = "optional" if given[0] == NONE or is_optional(given[0]) else "argument-type"
        body.fault(node, kind, f"{given[0]} passed to {layer.name.rpartition('.')[2]}")
    if layer.name == "torch.nn.MultiheadAttention":
        return Type("Tuple", (TENSOR, optional(TENSOR)))
    return _result(body, layer)


def _module(body: Body, node: ast.Call, instance: Instance, given: list[Value] | None, keywords: dict) -> Value:
    if not body.program.is_module(instance.cls):
        return UNKNOWN
    forward = _forward(body, instance)
    return _result(body, instance) if forward is None else _function(body, node, forward, given, keywords)


def _construct(
    body: Body, node: ast.Call, function: Class, given: list[Value] | None, keywords: dict[str, Value]
) -> Value:
    cls = function.defined
    if body.program.is_module(cls):
        body.fault(node, "call-outside", f"the module {cls.node.name} made while the model runs")
    elif is_dataclass(cls):
        body.fault(node, "call-outside", f"the dataclass {cls.node.name}, whose constructor has no source,")
    found = body.program.classes.find(cls, "__init__")
    if found is not None and isinstance(found[1], ast.FunctionDef) and not body.program.classes.foreign(cls):
        init = Function(found[0].module, found[1], f"{found[0].qualname}.__init__", function, found[0])
        check_arguments(body, node, init, given, keywords)
    return UNKNOWN


def _function(
    body: Body, node: ast.Call, function: Function, given: list[Value] | None, keywords: dict[str, Value]
) -> Value:
    if not isinstance(function.node, ast.FunctionDef):
        return UNKNOWN
    program = body.program
    if not any(d.endswith(("jit.ignore", "jit.unused")) for d in decorators(function.node)):
        if program.is_active(function):
            body.fault(node, "call-outside", f"a recursive call of `{function.node.name}`")
            return UNKNOWN
        check_arguments(body, node, function, given, keywords)
    return program.function(function, bool(body.doubts))


def _member(body: Body, node: ast.Call) -> Value:
    """`value.method(...)`."""
    func = node.func
    receiver = body.term(func.value)
    if isinstance(receiver, Class) and _unbound(body, receiver, func.attr):
        arguments(body, node)
        body.fault(node, "super-call", f"{receiver.defined.node.name}.{func.attr}")
        return UNKNOWN
    if isinstance(receiver, Instance) and body.program.is_module(receiver.cls):
        return _of_module(body, node, receiver)
    if receiver == TENSOR:
        return _of_tensor(body, node)
    if receiver == list_of(INT) and func.attr == "numel":
        body.fault(node, "tensor-method", "`numel` of a shape, which is a list of int,")
        return INT
    function = body.term(func)
    if isinstance(function, Function | Instance | Layer | Class):
        return _apply(body, node, function, arguments(body, node))
    given = arguments(body, node)
    for keyword in node.keywords:
        body.term(keyword.value)
    if receiver == STR and func.attr == "format" and node.keywords:
        body.fault(node, "call-outside", "`format()` with names")
    if isinstance(receiver, Type) and receiver.name == "List" and func.attr == "append" and given:
        _append(body, node, receiver, given[0])
    if isinstance(receiver, Type) and receiver.name == "Dict" and receiver.args:
        inner = receiver.args
        if func.attr == "items":
            return list_of(Type("Tuple", inner))
        if func.attr in ("keys", "values"):
            return list_of(inner[func.attr == "values"])
        if func.attr == "get" and given:
            return optional(inner[-1]) if len(given) == 1 else inner[-1]
    if isinstance(receiver, Seq) or getattr(receiver, "type", "") == "ModuleDict":
        return Seq("unrolled", None, UNKNOWN)
    return STR if receiver == STR and func.attr in ("format", "lower", "upper", "strip", "join", "replace") else UNKNOWN


def _unbound(body: Body, receiver: Class, name: str) -> bool:
    """Whether a method is read from the class of a module, as `Base.forward(self, x)` does."""
    found = body.program.classes.find(receiver.defined, name)
    method = found is not None and isinstance(found[1], ast.FunctionDef)
    return (
        method
        and body.program.is_module(receiver.defined)
        and not {"staticmethod", "classmethod"} & set(decorators(found[1]))
    )


def _append(body: Body, node: ast.Call, receiver: Type, value: Value) -> None:
    if receiver.args and fits(receiver.args[0], value) is False and not (receiver.args[0] == TENSOR and value == NONE):
        body.fault(
            node, "container-type", f"{value} appended to {receiver}; an empty list without annotation is List[Tensor]"
        )


def _of_module(body: Body, node: ast.Call, receiver: Instance) -> Value:
    name = node.func.attr
    held = body.program.attribute(receiver, name)
    if isinstance(held, Unscriptable):
        arguments(body, node)
        body.unscriptable(node.func, held)
        return UNKNOWN
    given = arguments(body, node)
    if held == UNKNOWN:
        attribute_writes.missing_attribute(body, node.func, receiver)
    if held == UNKNOWN and name in MODULE_MEMBERS:
        if name in ("parameters", "named_parameters", "buffers", "named_modules", "modules"):
            body.fault(node, "reflection", f"`{name}()` of a module")
        return Seq("unrolled", None, UNKNOWN)
    return _apply(body, node, held, given)


def _of_tensor(body: Body, node: ast.Call) -> Value:
    name = node.func.attr
    given = arguments(body, node)
    keywords = {k.arg: body.term(k.value) for k in node.keywords if k.arg is not None}
    if name in TENSOR_METHODS or not fields.is_known(name):
        body.fault(node, "tensor-method", f"`{name}` of a tensor")
        return UNKNOWN
    if name == "tolist":
        body.fault(node, "tensor-method", "`tolist` without a type for its result")
        return UNKNOWN
    library.check_arguments(body, node, f"torch.Tensor.{name}", given, keywords)
    if name == "size" and (given or node.keywords):
        return INT
    if name in _TENSOR_RESULTS:
        return _TENSOR_RESULTS[name]
    return library.known(f"torch.Tensor.{name}")

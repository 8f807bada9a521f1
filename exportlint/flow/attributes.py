"""What `value.name` is, for each kind of value."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.data import torch_returns
from exportlint.flow import distributions, dtypes
from exportlint.flow.joins import join
from exportlint.flow.objects import bound_method, dotted, is_property
from exportlint.flow.values import (
    NONE,
    UNKNOWN,
    Api,
    Array,
    Class,
    Const,
    DataType,
    Dim,
    Distribution,
    Function,
    Instance,
    Layer,
    Map,
    Method,
    Namespace,
    Number,
    Partial,
    Seq,
    Shape,
    Static,
    Super,
    Tensor,
    Value,
)
from exportlint.source.module import Module
from exportlint.source.project import Defined, Definition

if TYPE_CHECKING:
    from exportlint.flow.frame import Frame

_TENSOR_PROPERTIES = frozenset(
    "shape dtype device ndim T mT H mH data grad real imag is_cuda is_cpu is_mps is_meta is_sparse is_nested "
    "is_sparse_csr is_mkldnn is_quantized is_leaf requires_grad layout itemsize nbytes names grad_fn".split()
)
_UNUSUAL = frozenset("is_sparse is_sparse_csr is_nested is_mkldnn is_quantized".split())  # no exporter takes such
_LAYER_TENSORS = frozenset(["weight", "bias", "running_mean", "running_var", "in_proj_weight", "in_proj_bias"])


def read(frame: Frame, value: Value, name: str, node: ast.expr) -> Value:
    """The kind of an attribute."""
    if isinstance(value, Instance):
        return _of_instance(frame, value, name, node)
    if isinstance(value, Tensor):
        return _of_tensor(value, name)
    if isinstance(value, Distribution):
        return distributions.read(value, name)
    if isinstance(value, Api):
        return Api(f"{value.name}.{name}") if not _is_constant(value, name) else DataType(name=dtypes.canonical(name))
    if isinstance(value, Namespace):
        from exportlint.flow.expressions import meaning

        return meaning(frame, frame.project.resolve(value.module, name))
    if isinstance(value, Class):
        return _of_class(frame, value, name)
    if isinstance(value, Super):
        return _of_super(frame, value, name)
    if isinstance(value, Layer):
        return _of_layer(value, name)
    if isinstance(value, Seq) and name in value.names and value.items is not None:
        return value.items[value.names.index(name)]
    if isinstance(value, Array) and name == "shape":
        return Shape()
    if isinstance(value, Seq) and value.type == "Size" and name == "numel":
        return Method(value, name)
    if isinstance(value, Seq | Map | Shape | Array | Dim | Number | Partial | Const):
        return Method(value, name) if value != NONE else UNKNOWN
    if isinstance(value, Static) and value.type in ("str", "bytes", "list", "dict"):
        return Method(value, name)
    return UNKNOWN


def _is_constant(value: Api, name: str) -> bool:
    if name == "complex":
        return False  # a function, unlike torch.complex64
    return value.name == "torch" and name.rstrip("0123456789") in (
        "float",
        "int",
        "uint",
        "bfloat",
        "complex",
        "bool",
        "half",
        "double",
        "long",
        "short",
        "strided",
    )


def _of_tensor(tensor: Tensor, name: str) -> Value:
    kind = torch_returns().get(f"torch.Tensor.{name}")
    if name == "shape":
        return Seq("Size", tensor.shape) if tensor.shape is not None else Shape(tensor.source, False, tensor.ragged)
    if name not in _TENSOR_PROPERTIES:
        return UNKNOWN if kind is None else Method(tensor, name)
    if kind and kind.startswith("tensor"):
        same = name in ("data", "real", "imag", "grad")
        return Tensor(tensor.depends, tensor.sure, tensor.shape if same else None, tensor.dtype, ragged=tensor.ragged)
    if name in _UNUSUAL:
        return Const("bool", False)
    if name == "layout":
        return Api("torch.strided")
    if name == "ndim" and tensor.shape is not None:
        return Const("int", len(tensor.shape), False)
    return Static({"device": "device", "dtype": "dtype", "ndim": "int"}.get(name, "bool"))


def _of_instance(frame: Frame, instance: Instance, name: str, node: ast.expr) -> Value:
    interpreter = frame.interpreter
    if name == "training":
        return Const("bool", False)  # models are exported in eval mode
    held = interpreter.attributes.of(instance).get(name)
    found = interpreter.classes.find(instance.cls, name)
    if held is not None:
        return held
    if found is None:
        if interpreter.classes.foreign(instance.cls) or interpreter.classes.is_module(instance.cls):
            return Method(instance, name)
        return UNKNOWN
    owner, definition = found
    if isinstance(definition, Definition):
        return _member(frame, owner, definition, instance, node)
    value = in_module(frame, owner.module, definition)
    return Const(value.type, value.value, False) if isinstance(value, Const) else value


def _member(frame: Frame, owner: Defined, definition: Definition, receiver: Value, node: ast.expr) -> Value:
    if isinstance(definition, ast.ClassDef):
        return Class(Defined(owner.module, definition, f"{owner.qualname}.{definition.name}"))
    function = bound_method(owner, definition, receiver)
    if is_property(definition):
        from exportlint.flow.arguments import Arguments
        from exportlint.flow.calls import apply

        return apply(frame, node, function, Arguments())
    return function


def method(frame: Frame, instance: Instance, name: str, after: Defined | None = None) -> Function | None:
    """A method of an object by name, as bound to it; None when its classes have none."""
    found = frame.interpreter.classes.find(instance.cls, name, after)
    if found is None or not isinstance(found[1], ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    return bound_method(found[0], found[1], instance)


def _of_super(frame: Frame, value: Super, name: str) -> Value:
    if isinstance(value.receiver, Instance):
        found = method(frame, value.receiver, name, value.owner)
        return found if found is not None else Method(value.receiver, name)
    return UNKNOWN


def _of_class(frame: Frame, value: Class, name: str) -> Value:
    found = frame.interpreter.classes.find(value.defined, name)
    if found is None:
        if name == "apply" and "torch.autograd.Function" in frame.interpreter.classes.foreign(value.defined):
            return Method(value, "apply")
        return UNKNOWN
    owner, definition = found
    if isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef):
        function = bound_method(owner, definition, value)
        return function if _is_bound(definition) else function.bind(None)
    if isinstance(definition, ast.ClassDef):
        return Class(Defined(owner.module, definition, f"{owner.qualname}.{definition.name}"))
    foreign = {base.rpartition(".")[2] for base in frame.interpreter.classes.foreign(value.defined)}
    if foreign & {"Enum", "StrEnum", "IntEnum"}:
        return Static("enum")
    return in_module(frame, owner.module, definition)


def _is_bound(definition: ast.AST) -> bool:
    return any(dotted(d) == "classmethod" for d in definition.decorator_list)


def _of_layer(layer: Layer, name: str) -> Value:
    if name == "training":
        return Const("bool", False)
    if name in _LAYER_TENSORS:
        tensor = Tensor("state")
        return join(tensor, NONE) if name == "bias" else tensor
    known = dict(layer.arguments).get(name)
    if known is not None:
        return Const(known.type, known.value, False) if isinstance(known, Const) else known
    return Static() if not name.startswith("_") else UNKNOWN


def in_module(frame: Frame, module: Module, node: ast.expr) -> Value:
    """The kind of an expression at the top level of a module; nothing it does is an event."""
    from exportlint.flow.frame import Frame as NewFrame

    if frame.interpreter.evaluating(node):
        return UNKNOWN
    holder = ast.Lambda(args=ast.arguments([], [], None, [], [], None, []), body=node)
    other = NewFrame(frame.interpreter, Function(module, holder, module.name), frame.interpreter.targets, True, None)
    try:
        return other.eval(node)
    finally:
        frame.interpreter.evaluated(node)


def fields(cls: ast.ClassDef) -> list[str]:
    """Annotated names of a class body in order: the fields of a dataclass or named tuple."""
    return [s.target.id for s in cls.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]

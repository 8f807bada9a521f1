"""What TorchScript knows of a tensor, a number, a string or a container behind a dot."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.data import script_signatures, torch_returns
from exportlint.flow.scripting.names import METHODS, TENSOR_FIELDS_LACKING
from exportlint.flow.scripting.types import BOOL, DEVICE, DTYPE, INT, STR, TENSOR, Type, list_of
from exportlint.flow.values import UNKNOWN, Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body

_TENSOR = {"shape": list_of(INT), "dtype": DTYPE, "device": DEVICE, "ndim": INT, "layout": DTYPE}
_TENSOR |= dict.fromkeys(("is_cuda", "requires_grad", "is_sparse", "is_quantized", "is_mkldnn", "is_leaf"), BOOL)
_TENSOR |= dict.fromkeys(("T", "mT", "H", "mH", "data", "real", "imag"), TENSOR)


def field(body: Body, node: ast.Attribute, value: Type) -> Value | None:
    """The type of an attribute of a value, None for a type whose attributes are another matter."""
    if value == TENSOR:
        return _of_tensor(body, node)
    if value == DTYPE:
        body.fault(node, "tensor-method", f"`{node.attr}` of a dtype, which is an int,")
        return UNKNOWN
    if value == DEVICE:
        return STR if node.attr == "type" else UNKNOWN
    known = METHODS.get(value.name)
    if known is not None and node.attr not in known:
        body.fault(node, "tensor-method", f"`{node.attr}` of {_article(value)}")
        return UNKNOWN
    return None


def _article(value: Type) -> str:
    return "a shape, which is a list of int," if value == list_of(INT) and value.args else f"{value}"


def _of_tensor(body: Body, node: ast.Attribute) -> Value:
    if not is_known(node.attr):
        if isinstance(node.value, ast.Name) and node.value.id in body.untyped:
            owner = f"`{node.value.id}` has no annotation and is a tensor, which has no"
            body.fault(node, "argument-type", f"{owner} `{node.attr}`")
        else:
            body.fault(node, "tensor-method", f"`{node.attr}` of a tensor")
    return _TENSOR.get(node.attr, UNKNOWN)


def is_known(name: str) -> bool:
    """Whether a tensor has a field or method in TorchScript, as far as a name of torch's that it has in Python goes."""
    public = f"torch.Tensor.{name}"
    return name in _TENSOR or (
        name not in TENSOR_FIELDS_LACKING and (public in torch_returns() or public in script_signatures())
    )

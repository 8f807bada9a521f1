"""Calls of what is outside the project: builtins, torch, math and other libraries."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.data import torch_returns
from exportlint.flow.scripting import signatures
from exportlint.flow.scripting.call_arguments import arguments
from exportlint.flow.scripting.names import MATH_FUNCTIONS, OUTSIDE, TORCH_FUNCTIONS
from exportlint.flow.scripting.types import (
    BOOL,
    DTYPE,
    FLOAT,
    INT,
    NONE,
    STR,
    TENSOR,
    Type,
    is_optional,
    list_of,
)
from exportlint.flow.values import UNKNOWN, Api, Function, Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body


def known(name: str) -> Value:
    """What the table of returns says, where it does not depend on the arguments."""
    kind = torch_returns().get(name, "")
    if ";" in kind:
        return UNKNOWN
    kind = kind.partition("!")[0]
    word, _, detail = kind.partition(":")
    if word == "tensor":
        return TENSOR
    if word == "tensors":
        count = detail.partition(":")[0]
        return Type("Tuple", (TENSOR,) * int(count)) if count.isdigit() else UNKNOWN
    return {"bool": BOOL, "dtype": DTYPE}.get(word, UNKNOWN) if detail != "data" else UNKNOWN


def outside(body: Body, node: ast.Call, name: str) -> Value:
    """A call of something outside the project."""
    if name == "torch.jit.annotate" and len(node.args) == 2:
        return body.program.declared(body.module, node.args[0])
    given = arguments(body, node)
    keywords = {k.arg: body.term(k.value) for k in node.keywords if k.arg is not None}
    why = _refused(name)
    reentrant = not any(k.arg == "use_reentrant" and getattr(k.value, "value", None) is False for k in node.keywords)
    of_module = reentrant and bool(given) and (body.is_module(given[0]) or isinstance(given[0], Function))
    if name.startswith("numpy.") and not all(value in (INT, FLOAT, BOOL, STR) for value in given or ()):
        return UNKNOWN  # a tensor handed to numpy is another matter
    if name.startswith("torch.utils.checkpoint.") and of_module:
        return UNKNOWN  # so is a module behind a wrapper
    if why:
        body.fault(node, "call-outside", why)
        return UNKNOWN
    check_arguments(body, node, name, given, keywords)
    if name in ("torch.chunk", "torch.split", "torch.unbind", "torch.meshgrid", "torch.broadcast_tensors"):
        return list_of(TENSOR)
    if name.startswith("math."):
        return INT if name in ("math.floor", "math.ceil") else FLOAT
    return known(name)


def check_arguments(
    body: Body, node: ast.Call, name: str, given: list[Value] | None, keywords: dict[str, Value]
) -> None:
    """What a function or method of torch does not take, of the arguments that it is given."""
    if given is None or any(k.arg is None for k in node.keywords):
        return
    found = signatures.objection(name, given, keywords)
    if found is None:
        return
    parameter, value = found
    short = name.removeprefix("torch.Tensor.")
    if value is None:
        surplus = f"`{short}` has no parameter `{parameter}`" if parameter in keywords else ""
        missing = f"`{short}` gets no `{parameter}`" if parameter else f"`{short}` gets too many arguments"
        body.fault(node, "argument-type", surplus or missing)
    elif _may_be_none(value):
        body.fault(node, "optional", f"{value} passed as `{parameter}` of `{short}`")
    else:
        body.fault(node, "argument-type", f"`{parameter}` of `{short}` cannot be {value}")


def _may_be_none(value: Value) -> bool:
    return value == NONE or is_optional(value) or (isinstance(value, Type) and any(map(_may_be_none, value.args)))


_UNSCRIPTABLE = ("torch.utils.checkpoint.", "torch.nested.", "torch.distributed.", "torch.distributions.")


def _refused(name: str) -> str | None:
    head, _, last = name.rpartition(".")
    root = name.partition(".")[0]
    if head == "torch" and last in TORCH_FUNCTIONS:
        return f"`{name}()`"
    if head == "math" and last in MATH_FUNCTIONS:
        return f"`{name}()`"
    if name.startswith("torch.nn.") and head in ("torch.nn", "torch.nn.modules") and last[:1].isupper():
        return f"`{name}` made while the model runs"
    if name.startswith(_UNSCRIPTABLE) or name == "torch.cuda.is_available":
        return f"`{name}()`"
    if name in ("typing.cast", "builtins.cast"):
        return "`cast()`"
    return f"`{name}()` of another library" if root in OUTSIDE else None


def outside_value(body: Body, node: ast.Attribute, name: str) -> Value:
    """An attribute of something outside the project: constants and dtypes."""
    if name.startswith("builtins."):
        return Api(name)
    head, _, last = name.rpartition(".")
    if head == "math":
        return FLOAT
    if head == "torch" and last.rstrip("0123456789") in (
        "float",
        "int",
        "uint",
        "bfloat",
        "bool",
        "half",
        "double",
        "long",
    ):
        return DTYPE
    if head == "torch" and last.endswith("Tensor") and last != "Tensor":
        body.fault(node, "call-outside", f"`{name}` used as a value")
    if head == "os" and last == "environ":
        body.fault(node, "call-outside", "`os.environ`")
    return Api(name)

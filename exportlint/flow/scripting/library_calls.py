"""Calls of what is outside the project: builtins, torch, math and other libraries."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.data import torch_returns
from exportlint.flow.scripting.call_arguments import arguments
from exportlint.flow.scripting.names import BUILTINS, FLOAT_PARAMETERS, MATH_FUNCTIONS, OUTSIDE, TORCH_FUNCTIONS
from exportlint.flow.scripting.types import (
    BOOL,
    DTYPE,
    FLOAT,
    INT,
    NONE,
    SCALAR,
    STR,
    TENSOR,
    Type,
    is_optional,
    list_of,
)
from exportlint.flow.values import UNKNOWN, Api, Function, Map, Seq, Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body

_CASTS = {"int": INT, "float": FLOAT, "bool": BOOL, "str": STR, "len": INT, "round": FLOAT, "print": NONE}
_TAKES_SIZES = ("torch.zeros", "torch.ones", "torch.empty", "torch.rand", "torch.randn", "torch.full")
_TAKES_LIST = ("torch.cat", "torch.stack", "torch.concat", "torch.hstack", "torch.vstack")
_CONTAINERS = ("ModuleList", "Sequential", "ModuleDict")
_REFLECTION = frozenset("type setattr delattr callable vars dir id issubclass locals globals".split())


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


def builtin(body: Body, node: ast.Call, name: str) -> Value:
    if name in ("isinstance", "hasattr"):
        from exportlint.flow.scripting.conditions import judge

        judge(body, node)
        return BOOL
    if name == "getattr":
        return _getattr(body, node)
    given = arguments(body, node)
    for keyword in node.keywords:
        body.term(keyword.value)
    if name in _REFLECTION:
        body.fault(node, "reflection", f"`{name}()`")
        return UNKNOWN
    if name in BUILTINS:
        body.fault(node, "call-outside", f"`{name}()`")
        return UNKNOWN
    first = given[0] if given else UNKNOWN
    if name == "tuple" and isinstance(first, Type) and first.name == "List":
        body.fault(node, "list-length", "a list made a tuple")
    if name == "sum" and first == list_of(TENSOR):
        body.fault(node, "call-outside", "`sum()` of a list of tensors")
    if name == "sum" and first == list_of(UNKNOWN) and _of_modules(body, node.args[0]):
        body.fault(node, "call-outside", "`sum()` of what modules give")
    if name == "map" and node.args and not isinstance(node.args[0], ast.Lambda):
        body.fault(node, "call-outside", "`map()`")
    if name in ("zip", "enumerate") and given:
        _check_lengths(body, node, given)
    if name == "reversed" and isinstance(first, Seq) and first.type in ("ModuleList", "Sequential"):
        body.fault(node, "module-container", "`reversed()` of a ModuleList")
    return _builtin_result(body, node, name, given)


def _of_modules(body: Body, node: ast.expr) -> bool:
    """Whether a list holds the results of the modules that it runs over."""
    if not isinstance(node, ast.ListComp) or not isinstance(node.elt, ast.Call):
        return False
    over = body.term(node.generators[0].iter)
    called = node.elt.func.id if isinstance(node.elt.func, ast.Name) else ""
    target = node.generators[0].target
    return isinstance(over, Seq) and over.type in ("ModuleList", "Sequential") and called == getattr(target, "id", None)


def _check_lengths(body: Body, node: ast.Call, given: list[Value]) -> None:
    """torch unrolls a loop over modules, so that what runs beside them must have a length that it knows."""
    modules = any(isinstance(one, Seq | Map) and one.type in _CONTAINERS for one in given)
    if modules and any(isinstance(one, Type) and one.name == "List" for one in given):
        body.fault(node, "module-container", "a list, whose length torch does not know, beside modules in `zip()`")


def _builtin_result(body: Body, node: ast.Call, name: str, given: list[Value] | None) -> Value:
    from exportlint.flow.scripting.containers import element

    first = given[0] if given else UNKNOWN
    if name in _CASTS:
        return _CASTS[name]
    if name == "range":
        return list_of(INT)
    if name in ("enumerate", "zip") and given:
        parts = [element(body, argument, value) for argument, value in zip(node.args, given, strict=False)]
        kinds = tuple(kind for kind, _ in parts)
        whole = Type("Tuple", (INT, *kinds) if name == "enumerate" else kinds)
        return Seq("unrolled", None, whole) if any(unrolled for _, unrolled in parts) else list_of(whole)
    if name in ("list", "sorted"):
        return first if isinstance(first, Type) and first.name == "List" else UNKNOWN
    if name in ("min", "max") and given and len(set(given)) == 1 and len(given) > 1:
        return first
    return UNKNOWN


def _getattr(body: Body, node: ast.Call) -> Value:
    arguments(body, node)
    if len(node.args) < 2 or (isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str)):
        return UNKNOWN
    body.fault(node, "reflection", "`getattr()` with a name that is computed")
    return UNKNOWN


def outside(body: Body, node: ast.Call, name: str) -> Value:
    """A call of something outside the project."""
    if name == "torch.jit.annotate" and len(node.args) == 2:
        return body.program.declared(body.module, node.args[0])
    given = arguments(body, node)
    keywords = [body.term(k.value) for k in node.keywords]
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
    values = [*(given or []), *keywords]
    if name in (
        "torch.add",
        "torch.mul",
        "torch.matmul",
        "torch.bmm",
        "torch.relu",
        "torch.sigmoid",
        "torch.nn.functional.relu",
    ):
        for value in values:
            if is_optional(value):
                body.fault(node, "optional", f"{value} passed to `{name}`")
    if name in ("torch.chunk", "torch.split", "torch.unbind", "torch.meshgrid", "torch.broadcast_tensors"):
        return list_of(TENSOR)
    _check_floats(body, node, name, given or [])
    if name in _TAKES_SIZES:
        check_sizes(body, node, (given or [])[: 1 if name == "torch.full" else None])  # of full the second fills
    sizes = values[0] if values and name in _TAKES_SIZES else UNKNOWN
    if isinstance(sizes, Type) and sizes.name in ("Tuple", "List") and SCALAR in sizes.args:
        body.fault(node, "argument-type", f"`item()` gives a number, int or float, and `{name}` takes int")
    if name in _TAKES_LIST and given and given[0] == TENSOR:
        body.fault(node, "argument-type", f"a tensor passed to `{name}`, which takes a list of tensors")
    if name.startswith("math."):
        return INT if name in ("math.floor", "math.ceil") else FLOAT
    return known(name)


def _check_floats(body: Body, node: ast.Call, name: str, given: list[Value]) -> None:
    """An int where a function of torch, itself compiled, declares a float."""
    declared = FLOAT_PARAMETERS.get(name, {})
    kinds = {k.arg: body.term(k.value) for k in node.keywords if k.arg in declared}
    kinds |= {parameter: given[index] for parameter, index in declared.items() if index < len(given)}
    for parameter, kind in kinds.items():
        if kind == INT:
            body.fault(node, "argument-type", f"`{parameter}` of `{name}` takes float and gets int")


def check_sizes(body: Body, node: ast.Call, given: list[Value]) -> None:
    """Sizes among which one may be None."""
    for value in given:
        inner = value.args if isinstance(value, Type) and value.name in ("Tuple", "List") else (value,)
        if any(is_optional(size) for size in inner):
            body.fault(node, "optional", "a size that may be None")
            return
        if FLOAT in inner:
            body.fault(node, "argument-type", "a size that is a float: `/` gives one, `//` an int")
            return


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

"""Calls as torch.jit.script types them: what it follows, what it knows by name, and what it has no word for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.data import torch_returns
from exportlint.flow.objects import decorators, dotted, members
from exportlint.flow.scripting.names import (
    BUILTINS,
    MATH_FUNCTIONS,
    MODULE_MEMBERS,
    OUTSIDE,
    TENSOR_METHODS,
    TORCH_FUNCTIONS,
)
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
    Unscriptable,
    fits,
    is_optional,
    list_of,
)
from exportlint.flow.values import UNKNOWN, Api, Class, Function, Instance, Layer, Seq, Value

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body

_CASTS = {"int": INT, "float": FLOAT, "bool": BOOL, "str": STR, "len": INT, "round": FLOAT, "print": NONE}
_TAKES_SIZES = ("torch.zeros", "torch.ones", "torch.empty", "torch.rand", "torch.randn", "torch.full")
_TAKES_LIST = ("torch.cat", "torch.stack", "torch.concat", "torch.hstack", "torch.vstack")
_REFLECTION = frozenset("type setattr delattr callable vars dir id issubclass locals globals".split())
_TENSOR_RESULTS = {"size": list_of(INT), "dim": INT, "numel": INT, "stride": list_of(INT), "item": SCALAR}
_TENSOR_RESULTS |= {name: list_of(TENSOR) for name in ("chunk", "split", "unbind", "tensor_split")}
_TENSOR_RESULTS |= dict.fromkeys(("is_floating_point", "is_complex", "is_contiguous", "equal", "allclose"), BOOL)


def call(body: Body, node: ast.Call) -> Value:
    """The type of a call; the function called is compiled too where it is the project's."""
    name = body.external(node.func)
    if name.startswith("builtins."):
        return _builtin(body, node, name.removeprefix("builtins."))
    if name:
        return _outside(body, node, name)
    if isinstance(node.func, ast.Attribute) and _is_super(body, node.func.value):
        _arguments(body, node)
        body.fault(node, "super-call", f"super().{node.func.attr}")
        return UNKNOWN
    if isinstance(node.func, ast.Attribute):
        return _member(body, node)
    function = body.term(node.func)
    return _apply(body, node, function, _arguments(body, node))


def _is_super(body: Body, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and body.external(node.func) == "builtins.super"


def _arguments(body: Body, node: ast.Call) -> list[Value] | None:
    """The types of positional arguments; None when a star makes their number open."""
    given: list[Value] = []
    open_ended = False
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            starred(body, argument)
            open_ended = True
        else:
            given.append(body.term(argument))
    return None if open_ended else given


def starred(body: Body, node: ast.Starred) -> None:
    """`*value` in a call or a literal: torch must know how many values there are."""
    value = body.term(node.value)
    if value == TENSOR or (isinstance(value, Type) and value.name == "List"):
        body.fault(node, "list-length", f"a {'tensor' if value == TENSOR else 'list'} expanded with a star")


def _apply(body: Body, node: ast.Call, function: Value, given: list[Value] | None) -> Value:
    keywords = {k.arg: body.term(k.value) for k in node.keywords if k.arg is not None}
    if isinstance(function, Function):
        return _function(body, node, function, given, keywords)
    if isinstance(function, Instance):
        return _module(body, node, function, given, keywords)
    if isinstance(function, Layer):
        return _layer(body, node, function, given)
    if isinstance(function, Class):
        return _construct(body, node, function)
    if isinstance(function, Type) and function.name == "sliced module":
        body.fault(node, "module-container", "a module of a sliced ModuleList called")
    if is_optional(function):
        body.fault(node, "optional", f"{function} called")
    if isinstance(function, Seq) and function.type == "Sequential":
        if given and function.items and isinstance(function.items[0], Layer):
            _layer(body, node, function.items[0], given)
        plain = function.items and all(isinstance(i, Layer) for i in function.items)
        return TENSOR if plain and _returns_tensor(function.items[-1]) else UNKNOWN
    return UNKNOWN


def _returns_tensor(layer: Value) -> bool:
    return torch_returns().get(layer.name, "").startswith("tensor") and ";" not in torch_returns()[layer.name]


def _layer(body: Body, node: ast.Call, layer: Layer, given: list[Value] | None) -> Value:
    if given and _returns_tensor(layer) and fits(TENSOR, given[0]) is False:
        kind = "optional" if given[0] == NONE or is_optional(given[0]) else "argument-type"
        body.fault(node, kind, f"{given[0]} passed to {layer.name.rpartition('.')[2]}")
    return TENSOR if _returns_tensor(layer) and "->" not in torch_returns()[layer.name] else UNKNOWN


def _module(body: Body, node: ast.Call, instance: Instance, given: list[Value] | None, keywords: dict) -> Value:
    program = body.program
    if not program.is_module(instance.cls):
        return UNKNOWN
    found = program.classes.find(instance.cls, "forward")
    if found is None or not isinstance(found[1], ast.FunctionDef):
        return UNKNOWN
    function = Function(found[0].module, found[1], f"{found[0].qualname}.forward", instance, found[0])
    return _function(body, node, function, given, keywords)


def _construct(body: Body, node: ast.Call, function: Class) -> Value:
    if body.program.is_module(function.defined):
        body.fault(node, "call-outside", f"the module {function.defined.node.name} made while the model runs")
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
        if not _overloaded(function):
            _check(body, node, function, given, keywords)
    return program.function(function, bool(body.doubts))


def _overloaded(function: Function) -> bool:
    """Whether torch.jit's own overloads give the types, so that the implementation's do not matter."""
    owner = function.owner.node.body if function.owner is not None else function.module.tree.body
    return any(
        isinstance(s, ast.FunctionDef) and s.name == function.node.name and any("overload" in d for d in decorators(s))
        for s in owner
    )


def _check(body: Body, node: ast.Call, function: Function, given: list[Value] | None, keywords: dict) -> None:
    spec = function.node.args
    positional = [*spec.posonlyargs, *spec.args]
    if function.receiver is not None and "staticmethod" not in decorators(function.node):
        positional = positional[1:]
    if spec.vararg or spec.kwarg:
        return
    if given is not None and all(k.arg is not None for k in node.keywords):
        required = positional[: len(positional) - len(spec.defaults)] if spec.defaults else positional
        if len(given) > len(positional) or any(a.arg not in keywords for a in required[len(given) :]):
            body.fault(
                node, "argument-type", f"`{function.node.name}` gets another number of arguments than it declares"
            )
            return
    known = {a.arg: a for a in (*positional, *spec.kwonlyargs)}
    pairs = list(zip(positional, given or [], strict=False)) + [
        (known[k], v) for k, v in keywords.items() if k in known
    ]
    for argument, value in pairs:
        wanted = TENSOR
        if argument.annotation is not None:
            wanted = body.program.declared(function.module, argument.annotation)
        if fits(wanted, value) is False:
            kind = "optional" if is_optional(value) else "argument-type"
            untyped = "" if argument.annotation is not None else ", having no annotation,"
            detail = f"`{argument.arg}`{untyped} takes {wanted} and gets {value}"
            body.fault(node, kind, detail)
            return


def _member(body: Body, node: ast.Call) -> Value:
    """`value.method(...)`."""
    func = node.func
    receiver = body.term(func.value)
    if isinstance(receiver, Instance) and body.program.is_module(receiver.cls):
        return _of_module(body, node, receiver)
    if receiver == TENSOR:
        return _of_tensor(body, node)
    function = body.term(func)
    if isinstance(function, Function | Instance | Layer | Class):
        return _apply(body, node, function, _arguments(body, node))
    given = _arguments(body, node)
    for keyword in node.keywords:
        body.term(keyword.value)
    if receiver == list_of(INT) and func.attr == "numel":
        body.fault(node, "tensor-method", "`numel` of a shape, which is a list of int")
        return INT
    if isinstance(receiver, Type) and receiver.name == "List" and func.attr == "append" and given:
        _append(body, node, receiver, given[0])
    if isinstance(receiver, Type) and receiver.name == "Dict" and receiver.args:
        inner = receiver.args
        if func.attr == "items":
            return list_of(Type("Tuple", inner))
        if func.attr in ("keys", "values"):
            return list_of(inner[func.attr == "values"])
    if isinstance(receiver, Seq) or getattr(receiver, "type", "") == "ModuleDict":
        return Seq("unrolled", None, UNKNOWN)
    return STR if receiver == STR and func.attr in ("format", "lower", "upper", "strip", "join", "replace") else UNKNOWN


def _append(body: Body, node: ast.Call, receiver: Type, value: Value) -> None:
    if receiver.args and fits(receiver.args[0], value) is False and not (receiver.args[0] == TENSOR and value == NONE):
        body.fault(
            node, "container-type", f"{value} appended to {receiver}; an empty list without annotation is List[Tensor]"
        )


def _of_module(body: Body, node: ast.Call, receiver: Instance) -> Value:
    name = node.func.attr
    held = body.program.attribute(receiver, name)
    if isinstance(held, Unscriptable):
        _arguments(body, node)
        body.unscriptable(node.func, held)
        return UNKNOWN
    given = _arguments(body, node)
    if held == UNKNOWN and name in MODULE_MEMBERS:
        if name in ("parameters", "named_parameters", "buffers", "named_modules", "modules"):
            body.fault(node, "reflection", f"`{name}()` of a module")
        return Seq("unrolled", None, UNKNOWN)
    return _apply(body, node, held, given)


def _of_tensor(body: Body, node: ast.Call) -> Value:
    name = node.func.attr
    given = _arguments(body, node)
    for keyword in node.keywords:
        body.term(keyword.value)
    if name in TENSOR_METHODS:
        body.fault(node, "tensor-method", f"`{name}` of a tensor")
        return UNKNOWN
    if name == "tolist":
        body.fault(node, "tensor-method", "`tolist` without a type for its result")
        return UNKNOWN
    if name == "size" and (given or node.keywords):
        return INT
    if name in _TENSOR_RESULTS:
        return _TENSOR_RESULTS[name]
    return _known(f"torch.Tensor.{name}")


def _known(name: str) -> Value:
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


def _builtin(body: Body, node: ast.Call, name: str) -> Value:
    if name in ("isinstance", "hasattr"):
        from exportlint.flow.scripting.conditions import judge

        judge(body, node)
        return BOOL
    if name == "getattr":
        return _getattr(body, node)
    given = _arguments(body, node)
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
    if name == "reversed" and isinstance(first, Seq) and first.type in ("ModuleList", "Sequential"):
        body.fault(node, "module-container", "`reversed()` of a ModuleList")
    return _builtin_result(body, node, name, given)


def _builtin_result(body: Body, node: ast.Call, name: str, given: list[Value] | None) -> Value:
    from exportlint.flow.scripting.terms import element

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
    _arguments(body, node)
    if len(node.args) < 2 or (isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str)):
        return UNKNOWN
    body.fault(node, "reflection", "`getattr()` with a name that is computed")
    return UNKNOWN


def _outside(body: Body, node: ast.Call, name: str) -> Value:
    """A call of something outside the project."""
    if name == "torch.jit.annotate" and len(node.args) == 2:
        return body.program.declared(body.module, node.args[0])
    given = _arguments(body, node)
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
    sizes = values[0] if values and name in _TAKES_SIZES else UNKNOWN
    if isinstance(sizes, Type) and sizes.name in ("Tuple", "List") and SCALAR in sizes.args:
        body.fault(node, "argument-type", f"`item()` gives a number, int or float, and `{name}` takes int")
    if name in _TAKES_LIST and values and values[0] == TENSOR and not node.keywords:
        body.fault(node, "argument-type", f"a tensor passed to `{name}`, which takes a list of tensors")
    if name.startswith("math."):
        return INT if name in ("math.floor", "math.ceil") else FLOAT
    return _known(name)


def _refused(name: str) -> str | None:
    head, _, last = name.rpartition(".")
    root = name.partition(".")[0]
    if head == "torch" and last in TORCH_FUNCTIONS:
        return f"`{name}()`"
    if head == "math" and last in MATH_FUNCTIONS:
        return f"`{name}()`"
    if name.startswith("torch.nn.") and head in ("torch.nn", "torch.nn.modules") and last[:1].isupper():
        return f"`{name}` made while the model runs"
    if (
        name.startswith(("torch.utils.checkpoint.", "torch.nested.", "torch.distributed."))
        or name == "torch.cuda.is_available"
    ):
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


def missing_attribute(body: Body, node: ast.Attribute, receiver: Instance) -> None:
    """Class variables are no attributes for torch, unless declared constants."""
    classes = body.program.classes
    found = classes.find(receiver.cls, node.attr)
    if node.attr in ("_modules", "_parameters", "_buffers", "__class__", "__dict__"):
        body.fault(node, "attribute", f"`{node.attr}`, which torch does not keep")
    if found is None or isinstance(found[1], ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return
    held = body.program.interpreter.attributes.of(receiver)
    if node.attr in held or body.program.is_constant(receiver, node.attr) or _declared(classes, receiver, node.attr):
        return
    if isinstance(found[1], ast.Constant | ast.List | ast.Tuple | ast.Dict) and not _set_anywhere(
        classes, receiver, node.attr
    ):
        body.fault(node, "attribute", f"`{node.attr}`, which is a class variable")


def set_attribute(body: Body, target: ast.Attribute, value: Value, node: ast.AST) -> None:
    """`self.name = value` outside the constructor: the attribute must exist and keep its type."""
    receiver = body.term(target.value)
    if not isinstance(receiver, Instance) or not body.program.is_module(receiver.cls):
        return
    classes = body.program.classes
    known = body.program.attribute(receiver, target.attr)
    if known == NONE and value != NONE and isinstance(value, Type):
        body.fault(node, "attribute", f"`{target.attr}`, which is None and gets {value}")
    foreign = set(classes.foreign(receiver.cls))
    if foreign == {"torch.nn.Module"} and not _set_anywhere(classes, receiver, target.attr):
        if not _declared(classes, receiver, target.attr):
            body.fault(node, "attribute", f"`{target.attr}`, which the constructor does not set")


def set_item(body: Body, target: ast.Subscript, value: Value, node: ast.AST) -> None:
    """`items[key] = value`: the type of a dict is settled where it is made."""
    holder = body.term(target.value)
    if not isinstance(target.slice, ast.Slice):
        body.term(target.slice)
    if isinstance(holder, Type) and holder.name == "Dict" and holder.args and fits(holder.args[-1], value) is False:
        body.fault(
            node, "container-type", f"{value} put into {holder}; an empty dict without annotation is Dict[str, Tensor]"
        )


def _set_anywhere(classes, receiver: Instance, name: str) -> bool:
    """Whether a constructor, or a method that one may call, could set an attribute."""
    for owner in classes.order(receiver.cls)[0]:
        for method in members(owner.node).values():
            if not isinstance(method, ast.FunctionDef) or method.name == "forward":
                continue
            for node in ast.walk(method):
                if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store):
                    return True
                if isinstance(node, ast.Constant) and node.value == name:
                    return True
                if isinstance(node, ast.Name) and node.id == "setattr":
                    return True
    return False


def _declared(classes, receiver: Instance, name: str) -> bool:
    return any(
        isinstance(s, ast.AnnAssign) and dotted(s.target) == name
        for owner in classes.order(receiver.cls)[0]
        for s in owner.node.body
    )

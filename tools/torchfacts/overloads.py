"""The overloads of torch's functions, read from its stubs, its Python signatures and its operator schemas."""

from __future__ import annotations

import ast
import inspect
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_overloads

import torch

TORCH = Path(torch.__file__).parent


@dataclass(frozen=True)
class Parameter:
    """One parameter. `only` is the one value its annotation allows (`Literal[True]`), else None.

    `default` is the source text of its default, "" where there is none or it is no literal.
    """

    name: str
    annotation: str
    required: bool
    by_keyword: bool = False
    only: bool | None = None
    default: str = ""


@dataclass(frozen=True)
class Overload:
    """One way to call a function; `returns` is the source text of its return annotation ("" when there is none)."""

    parameters: tuple[Parameter, ...]
    returns: str


def stub_overloads(file: str, class_name: str | None = None) -> dict[str, list[Overload]]:
    """Overloads of the functions (or of a class's methods, without self) in a stub file of torch, by name.

    Attributes of the class appear as one overload without parameters.
    """
    body = ast.parse((TORCH / file).read_text()).body
    if class_name:
        (body,) = (node.body for node in body if isinstance(node, ast.ClassDef) and node.name == class_name)
    found: dict[str, list[Overload]] = defaultdict(list)
    for node in body:
        if isinstance(node, ast.AnnAssign) and class_name:
            found[ast.unparse(node.target)].append(Overload((), ast.unparse(node.annotation)))
        elif isinstance(node, ast.FunctionDef):
            found[node.name].append(_from_node(node, skip_self=class_name is not None))
    return dict(found)


def _from_node(node: ast.FunctionDef, skip_self: bool) -> Overload:
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults = [None] * (len(positional) - len(node.args.defaults)) + list(node.args.defaults)
    parameters = [_parameter(a, d, False) for a, d in zip(positional, defaults, strict=True)][int(skip_self) :]
    if node.args.vararg:
        parameters.append(Parameter("*" + node.args.vararg.arg, "", False))
    keyword = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    parameters += [_parameter(a, default, True) for a, default in keyword]
    return Overload(tuple(parameters), ast.unparse(node.returns) if node.returns else "")


def _parameter(argument: ast.arg, default: ast.expr | None, by_keyword: bool) -> Parameter:
    annotation = ast.unparse(argument.annotation) if argument.annotation else ""
    only = {"Literal[True]": True, "Literal[False]": False}.get(annotation)
    text = ast.unparse(default) if default else ""
    return Parameter(argument.arg, annotation, default is None, by_keyword, only, text)


def signature_overload(function: Callable, skip_self: bool = False) -> Overload | None:
    """The Python signature of a function or constructor (its first @overload); None for builtins, which have none."""
    constructor = function.__init__ if isinstance(function, type) else None
    if constructor and inspect.isfunction(constructor) and get_overloads(constructor):
        function, skip_self = get_overloads(constructor)[0], True
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return None
    parameters = []
    for p in list(signature.parameters.values())[int(skip_self) :]:
        if p.kind is p.VAR_KEYWORD:
            continue
        name = "*" + p.name if p.kind is p.VAR_POSITIONAL else p.name
        required = p.default is p.empty and p.kind is not p.VAR_POSITIONAL
        default = "" if p.default is p.empty else repr(p.default)
        parameters.append(Parameter(name, _text(p.annotation), required, p.kind is p.KEYWORD_ONLY, default=default))
    return Overload(tuple(parameters), _text(signature.return_annotation))


def _text(annotation: object) -> str:
    if annotation is inspect.Signature.empty:
        return ""
    return inspect.formatannotation(annotation).replace("'", "")


def _from_schema(argument: torch.Argument) -> Parameter:
    has_default = argument.has_default_value()
    default = repr(argument.default_value) if has_default else ""
    return Parameter(argument.name, str(argument.type), not has_default, argument.kwarg_only, default=default)


def schema_overloads(name: str) -> list[Overload]:
    """Overloads of the operator aten::`name` (without those that write into `out` tensors)."""
    found = []
    for schema in torch._C._jit_get_schemas_for_operator(f"aten::{name}"):
        if any(a.is_out for a in schema.arguments):
            continue
        parameters = tuple(_from_schema(argument) for argument in schema.arguments)
        types = [str(r.type) for r in schema.returns]
        names = [r.name for r in schema.returns]
        if len(types) == 1:
            returns = types[0]
        elif set(types) == {"Tensor"} and all(names):
            returns = f"fields[{','.join(names)}]"
        else:
            returns = f"tuple[{', '.join(types)}]"
        found.append(Overload(parameters, returns))
    return found

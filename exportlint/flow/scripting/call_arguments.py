"""The arguments of a call, with stars."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from exportlint.flow.objects import decorators
from exportlint.flow.scripting.fitting import fits
from exportlint.flow.scripting.types import TENSOR, Type, is_optional
from exportlint.flow.values import Function, Value
from exportlint.source.project import External

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body


def arguments(body: Body, node: ast.Call) -> list[Value] | None:
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


def check_arguments(
    body: Body, node: ast.Call, function: Function, given: list[Value] | None, keywords: dict[str, Value]
) -> None:
    """Report what a function of the project does not take; of torch.jit's overloads, what none of them takes."""
    variants = overloads(function)
    if variants and not all(_is_of_torch(body, variant) for variant in variants):
        return
    objections = [_objection(body, node, one, given, keywords) for one in variants or [function]]
    if None not in objections:
        body.fault(node, *objections[-1])


def overloads(function: Function) -> list[Function]:
    """The variants declared beside a function, whose types count in the place of its own."""
    beside = function.owner.node.body if function.owner is not None else function.module.tree.body
    same = (s for s in beside if isinstance(s, ast.FunctionDef) and s.name == function.node.name)
    return [replace(function, node=one) for one in same if any("overload" in mark for mark in decorators(one))]


def _is_of_torch(body: Body, variant: Function) -> bool:
    found = [body.project.resolve(variant.module, d) for d in decorators(variant.node) if "overload" in d]
    return any(isinstance(one, External) and one.name.startswith("torch.") for one in found)


def _objection(
    body: Body, node: ast.Call, function: Function, given: list[Value] | None, keywords: dict[str, Value]
) -> tuple[str, str] | None:
    spec = function.node.args
    positional = [*spec.posonlyargs, *spec.args]
    if function.receiver is not None and "staticmethod" not in decorators(function.node):
        positional = positional[1:]
    if spec.vararg or spec.kwarg:
        return None
    known = {a.arg: a for a in (*positional, *spec.kwonlyargs)}
    pairs = list(zip(positional, given or [], strict=False))
    if given is not None and all(k.arg is not None for k in node.keywords):
        several = _makes_a_list(body, function, positional, given)
        required = positional[: len(positional) - len(spec.defaults)] if spec.defaults else positional
        surplus = len(given) > len(positional) and not several
        twice = any(a.arg in keywords for a in positional[: len(given)])
        missing = any(a.arg not in keywords for a in required[len(given) :])
        if surplus or twice or missing or not keywords.keys() <= known.keys():
            return "argument-type", f"`{function.node.name}` gets other arguments than it declares"
        pairs = pairs[:-1] if several else pairs
    for argument, value in pairs + [(known[k], v) for k, v in keywords.items() if k in known]:
        wanted = _declared(body, function, argument)
        if fits(wanted, value) is False:
            kind = "optional" if is_optional(value) else "argument-type"
            untyped = "" if argument.annotation is not None else ", having no annotation,"
            return kind, f"`{argument.arg}`{untyped} takes {wanted} and gets {value}"
    return None


def _makes_a_list(body: Body, function: Function, positional: list[ast.arg], given: list[Value]) -> bool:
    """Whether the last arguments become the list that the last parameter is, as in `view(2, 3)`."""
    if not positional or len(given) < len(positional):
        return False
    wanted, first = _declared(body, function, positional[-1]), given[len(positional) - 1]
    is_list = isinstance(wanted, Type) and wanted.name == "List"
    return is_list and not (isinstance(first, Type) and first.name in ("List", "Tuple", "None", "Optional", "Union"))


def _declared(body: Body, function: Function, argument: ast.arg) -> Value:
    if argument.annotation is None:
        return TENSOR
    return body.program.declared(function.module, argument.annotation)

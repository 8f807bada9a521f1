"""Loops over the rows of a tensor that have as many turns in every call, as the code around them says."""

from __future__ import annotations

import ast
from collections.abc import Set

from exportlint.flow import own_state
from exportlint.flow.objects import dotted
from exportlint.source.remembered import below, once_a_node


@once_a_node
def fixed(function: ast.AST) -> frozenset[ast.expr]:
    """What is iterated as often in every call: taken apart into names, or beside the members of a list of modules."""
    found: list[ast.expr] = []
    for node in below(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            found += _taken_apart(node.value)
        elif isinstance(node, ast.For):
            found += _beside_members(node)
        elif isinstance(node, ast.Call):
            found += _zipped_with_members(node)
    names = {node.id for node in found if isinstance(node, ast.Name)}
    found += _made_into(function, ("list", "tuple"), names)
    return frozenset([*found, *_made_into(function, ("iter",), _asked_of(function))])


def _made_into(function: ast.AST, makers: tuple[str, ...], names: Set[str]) -> list[ast.expr]:
    """What a variable among `names` is made of by one of these: `masks` of `masks = list(masks)`."""
    return [
        node.value.args[0]
        for node in below(function)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in names
        and isinstance(node.value, ast.Call)
        and dotted(node.value.func) in makers
        and node.value.args
    ]


def _asked_of(function: ast.AST) -> set[str]:
    """Variables that are asked for one more, or for something else: a layer asks once, `next(residuals, None)`."""
    asked = {node.args[0] for node in below(function) if isinstance(node, ast.Call) and _asks_for_one(node)}
    read = {node for node in below(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return {node.id for node in asked if isinstance(node, ast.Name)} - {node.id for node in read - asked}


def _asks_for_one(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "next" and len(call.args) == 2


@once_a_node
def fixed_names(function: ast.AST) -> frozenset[str]:
    """The variables among them: lists of which a model always gets as many."""
    return frozenset(node.id for node in fixed(function) if isinstance(node, ast.Name))


def _taken_apart(value: ast.expr) -> list[ast.expr]:
    """`height, width = (int(size) for size in sizes)`."""
    if isinstance(value, ast.GeneratorExp | ast.ListComp) and len(value.generators) == 1:
        return [] if value.generators[0].ifs else [value.generators[0].iter]
    return []


def _beside_members(loop: ast.For) -> list[ast.expr]:
    """`for i, code in enumerate(codes): ... self.quantizers[i]`."""
    call, target = loop.iter, loop.target
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "enumerate"):
        return []
    if not (isinstance(target, ast.Tuple) and isinstance(target.elts[0], ast.Name)):
        return []
    index = target.elts[0].id
    inside = (node for statement in loop.body for node in below(statement) if isinstance(node, ast.Subscript))
    return call.args[:1] if any(_is_member(node, index) for node in inside) else []


def _zipped_with_members(call: ast.Call) -> list[ast.expr]:
    """`for embed, time in zip(self.embeddings, times)`."""
    if not (isinstance(call.func, ast.Name) and call.func.id == "zip"):
        return []
    return call.args if any(own_state.is_own(arg) for arg in call.args) else []


def _is_member(node: ast.Subscript, index: str) -> bool:
    return own_state.is_own(node.value) and isinstance(node.slice, ast.Name) and node.slice.id == index

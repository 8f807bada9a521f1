"""What a forward gives, where that is a loss: nobody exports it, but what that loss was computed from."""

from __future__ import annotations

import ast
import re

from exportlint.flow.objects import dotted, says_none
from exportlint.source.remembered import below, once_a_node

_VALUE = re.compile(r"(\w+_)?loss(es)?(_\w+)?", re.IGNORECASE)
_CALL = re.compile(r"(\w+_)?(loss(es)?|nll|cross_entropy|kl_div)(_\w+)?|\w*Loss(es)?")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@once_a_node
def gives_a_loss(function: ast.FunctionDef) -> bool:
    """Whether what a function returns at its end is a loss, alone or with what it was computed from.

    Not one that does nothing else: then somebody wants that loss. Nor one that may give what it computed instead (`if
    labels is None: return logits`); to hand the call on to a member is no such thing.
    """
    last = function.body[-1]
    if not isinstance(last, ast.Return) or last.value is None or last in function.body[:1]:
        return False
    others = [node.value for node in returns(function) if node is not last]
    without = {
        target.id
        for node in below(function)
        if isinstance(node, ast.Assign) and says_none(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    given = (value for value in others if value is not None and not _is_member_call(value))
    return all(_is_loss(value, without) for value in (last.value, *given))


@once_a_node
def takes_targets(function: ast.FunctionDef) -> bool:
    """Whether a function is handed what it should give: `targets`, an argument or unpacked from one."""
    given = {argument.arg for argument in function.args.args}
    unpacked = (
        node.targets[0].elts
        for node in below(function)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Tuple)
        and isinstance(node.value, ast.Name)
        and node.value.id in given
    )
    return "targets" in given | {part.id for parts in unpacked for part in parts if isinstance(part, ast.Name)}


@once_a_node
def handed_to(function: ast.FunctionDef) -> str | None:
    """The member that gives all that a function returns: "decoder" of `return self.decoder(x)`."""
    found = {dotted(node.value.func) if isinstance(node.value, ast.Call) else "" for node in returns(function)}
    owner, _, member = found.pop().partition(".") if len(found) == 1 else ("", "", "")
    return member if owner == "self" and member and "." not in member else None


def returns(function: ast.FunctionDef) -> list[ast.Return]:
    """Where a function returns, and not one that it defines."""
    inner = {part for node in below(function) if isinstance(node, _DEFINITIONS) for part in below(node)}
    return [node for node in below(function) if isinstance(node, ast.Return) and node not in inner]


def _is_member_call(node: ast.expr) -> bool:
    """`self.encoder(x)`."""
    return isinstance(node, ast.Call) and dotted(node.func).startswith("self.")


def _is_loss(node: ast.expr, without: set[str]) -> bool:
    """`without`: variables that may as well be None, as a loss is that is only computed where labels are given."""
    if isinstance(node, ast.Name):
        return node.id not in without and _VALUE.fullmatch(node.id) is not None
    if isinstance(node, ast.Attribute):
        return node.attr == "loss"
    if isinstance(node, ast.BinOp):
        return _is_loss(node.left, without) or _is_loss(node.right, without)
    if isinstance(node, ast.Tuple):
        return bool(node.elts) and _is_loss(node.elts[0], without)
    if isinstance(node, ast.Dict):
        named = zip(node.keys, node.values, strict=True)
        return any(isinstance(k, ast.Constant) and k.value == "loss" and _is_loss(v, without) for k, v in named)
    if not isinstance(node, ast.Call):
        return False
    if any(keyword.arg == "loss" and _is_loss(keyword.value, without) for keyword in node.keywords):
        return True
    if isinstance(node.func, ast.Attribute):
        return _CALL.fullmatch(node.func.attr) is not None or _is_loss(node.func.value, without)
    return isinstance(node.func, ast.Name) and _CALL.fullmatch(node.func.id) is not None

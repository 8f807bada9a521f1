"""Expressions that surely give one tensor, as far as the text of a function and torch's own signatures show."""

from __future__ import annotations

import ast

from exportlint.data import torch_returns
from exportlint.fix.names import dotted
from exportlint.fix.site import Site
from exportlint.source.remembered import below, once_a_node

MOST_BINDINGS = 50
"""Bindings of one name beyond which nobody says what it holds: all of them are looked at for each finding."""
_NO_TENSOR = (ast.Is, ast.IsNot, ast.In, ast.NotIn)


class Tensors:
    """What is surely a tensor in the function around a site.

    A parameter is when it is annotated so, or when its methods are called in `tested`, an expression that the finding
    says is computed from tensors. With `tested` a method that tensors have is taken for theirs, whatever it is called
    on: good enough for fixes that are unsafe for other reasons.
    """

    def __init__(self, site: Site, tested: ast.expr | None = None) -> None:
        self._site = site
        self._trusting = tested is not None
        self._tested = _receivers(tested) if tested is not None else set()

    def holds(self, node: ast.expr, assumed: frozenset[str] = frozenset()) -> bool:
        """Whether a node gives one tensor, once the names `assumed` are tensors."""
        if isinstance(node, ast.Name):
            return node.id in assumed or self._is_bound_to_one(node.id, assumed | {node.id})
        if isinstance(node, ast.BinOp):
            return self.holds(node.left, assumed) or self.holds(node.right, assumed)
        if isinstance(node, ast.UnaryOp):
            return not isinstance(node.op, ast.Not) and self.holds(node.operand, assumed)
        if isinstance(node, ast.Compare):
            sides = (node.left, node.comparators[0])
            plain = len(node.ops) == 1 and not isinstance(node.ops[0], _NO_TENSOR)
            return plain and any(self.holds(side, assumed) for side in sides)
        if isinstance(node, ast.Subscript):
            return self.holds(node.value, assumed)
        return isinstance(node, ast.Call) and bool(self._returned(node, assumed))

    def is_boolean(self, node: ast.expr) -> bool:
        """Whether a node gives one tensor of truth values."""
        if isinstance(node, ast.Compare):
            return self.holds(node)
        return isinstance(node, ast.Call) and self._returned(node, frozenset()) == "tensor:bool"

    def _returned(self, call: ast.Call, assumed: frozenset[str]) -> str:
        """A word of `torch_returns` that says one tensor, else the empty text."""
        name, given = dotted(self._site, call.func), 1
        if not name and isinstance(call.func, ast.Attribute):
            receiver = call.func.value
            own = isinstance(receiver, ast.Name) and receiver.id in ("self", "cls")
            if own or not (self._trusting or self.holds(receiver, assumed)):
                return ""
            name, given = f"torch.Tensor.{call.func.attr}", 0
        word, *clauses = torch_returns().get(name, "").replace("!shape", "").split(";")
        plain = not clauses or len(call.args) + len(call.keywords) <= given
        return word if plain and word.partition(":")[0] == "tensor" else ""

    def _is_bound_to_one(self, name: str, assumed: frozenset[str]) -> bool:
        """Whether all that binds a name in the function binds a tensor; `x = x + 1` does when all else does."""
        bindings = _bindings(self._site.function).get(name, ())
        return 0 < len(bindings) <= MOST_BINDINGS and all(self._binds_one(node, name, assumed) for node in bindings)

    def _binds_one(self, binding: ast.AST, name: str, assumed: frozenset[str]) -> bool:
        if isinstance(binding, ast.Assign):
            return self.holds(binding.value, assumed)
        if isinstance(binding, ast.arg):
            declared = binding.annotation is not None and dotted(self._site, binding.annotation) == "torch.Tensor"
            return declared or name in self._tested
        return False


@once_a_node
def _bindings(function: ast.AST) -> dict[str, list[ast.AST]]:
    """What binds each name in a function: plain assignments, parameters, and names stored to in any other way."""
    found: dict[str, list[ast.AST]] = {}
    plain: set[ast.expr] = set()
    for node in below(function):
        if isinstance(node, ast.Assign):
            names = [target for target in node.targets if isinstance(target, ast.Name)]
            plain.update(names)
            for target in names:
                found.setdefault(target.id, []).append(node)
        elif isinstance(node, ast.arg):
            found.setdefault(node.arg, []).append(node)
    for node in below(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node not in plain:
            found.setdefault(node.id, []).append(node)
    return found


def is_tensor_method(name: str) -> bool:
    """Whether tensors have a method of this name."""
    return f"torch.Tensor.{name}" in torch_returns()


def _receivers(tested: ast.expr) -> set[str]:
    """Names whose methods are called in an expression."""
    return {
        node.func.value.id
        for node in ast.walk(tested)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    }

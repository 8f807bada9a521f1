"""Expressions that surely give one tensor, as far as the text of a function and torch's own signatures show."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from exportlint.data import torch_returns
from exportlint.fix.names import dotted
from exportlint.fix.site import Site

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
        values = list(self._values_bound(name))
        return bool(values) and all(value is True or (value and self.holds(value, assumed)) for value in values)

    def _values_bound(self, name: str) -> Iterator[ast.expr | bool]:
        """Each value that a name is bound to; True or False where the binding says itself whether it is a tensor."""
        plain: set[ast.expr] = set()
        for node in ast.walk(self._site.function):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name) and target.id == name:
                        plain.add(target)
                        yield node.value
            elif isinstance(node, ast.arg) and node.arg == name:
                declared = node.annotation is not None and dotted(self._site, node.annotation) == "torch.Tensor"
                yield declared or name in self._tested
        for node in ast.walk(self._site.function):
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store) and node not in plain:
                yield False


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

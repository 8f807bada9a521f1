"""torch.distributions: they check the values of their arguments and of what log_prob gets, unless told not to.

Source: torch/distributions/distribution.py of torch 2.13, `Distribution.__init__` and `_validate_sample`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow import reporting
from exportlint.flow.joins import tensors_in
from exportlint.flow.values import CERTAIN, UNKNOWN, Const, Distribution, Method, Tensor, Value, most_dependent

if TYPE_CHECKING:
    from exportlint.flow.arguments import Arguments
    from exportlint.flow.frame import Frame

MODULE = "torch.distributions."
_UNCONSTRAINED = frozenset(
    ["Distribution", "ExponentialFamily", "Independent", "MixtureSameFamily", "TransformedDistribution"]
)
_TENSORS = frozenset("mean mode variance stddev loc scale probs logits".split())
_TENSOR_METHODS = frozenset("sample rsample log_prob cdf icdf entropy".split())


def make(frame: Frame, node: ast.AST, name: str, given: Arguments) -> Value:
    """What a call of torch.distributions gives; a distribution looks at the values of its parameters."""
    short = name.rpartition(".")[2]
    if not short[0].isupper() or short.endswith("Transform"):
        return UNKNOWN
    checked = given.kwargs.get("validate_args") != Const("bool", False)
    inputs = (*given.args, *given.kwargs.values(), given.open_args or UNKNOWN)
    tensors = [tensor for value in inputs for tensor in tensors_in(value)]
    if tensors and checked and short not in _UNCONSTRAINED:
        depends = most_dependent(tensor.depends for tensor in tensors)
        reporting.decision(frame, node, Tensor(depends, CERTAIN), "validate_args", True)
    return Distribution(checked, True)


def read(value: Distribution, name: str) -> Value:
    """An attribute of a distribution."""
    if name in _TENSORS:
        return Tensor("input", CERTAIN)
    return Method(value, name)


def method(frame: Frame, node: ast.AST, receiver: Distribution, name: str, given: Arguments) -> Value:
    """What a method of a distribution gives; `log_prob` and `cdf` check that the value is in its support."""
    tensors = [tensor for value in (*given.args, *given.kwargs.values()) for tensor in tensors_in(value)]
    if name in ("log_prob", "cdf") and receiver.checked and tensors:
        reporting.decision(frame, node, tensors[0], "validate_args", True, receiver.seen)
    return Tensor("input", CERTAIN) if name in _TENSOR_METHODS else UNKNOWN

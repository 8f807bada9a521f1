"""torch.distributions: they check the values of their arguments and of what log_prob gets, unless told not to.

Source: torch/distributions/distribution.py of torch 2.13, `Distribution.__init__` and `_validate_sample`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow import reporting
from exportlint.flow.joins import tensors_in
from exportlint.flow.values import CERTAIN, UNKNOWN, Const, Distribution, Method, Tensor, Value

if TYPE_CHECKING:
    from exportlint.flow.arguments import Arguments
    from exportlint.flow.frame import Frame

MODULE = "torch.distributions."
_TENSORS = frozenset("mean mode variance stddev loc scale probs logits".split())
_TENSOR_METHODS = frozenset("sample rsample log_prob cdf icdf entropy".split())


def make(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    """A distribution made by a call; reported when it looks at the values of a tensor."""
    inputs = (*given.args, *given.kwargs.values(), given.open_args or UNKNOWN)
    tensors = [tensor for value in inputs for tensor in tensors_in(value)]
    checked = given.kwargs.get("validate_args") != Const("bool", False)
    if tensors and checked:
        reporting.decision(frame, node, tensors[0], "validate_args", True)
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

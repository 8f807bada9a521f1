"""Lists of tensors that are annotated as one tensor: what the function says and does with them tells."""

from __future__ import annotations

import ast
import re

from exportlint.flow.objects import dotted
from exportlint.source.remembered import below, once_a_node

_OF_A_BACKBONE = re.compile(r"(^|_)(feats|features|feature_maps|pyramid|levels|skips|list)$")
_JOINED = ("torch.cat", "torch.stack", "torch.concat", "torch.hstack", "torch.vstack", "torch.concatenate")
_DOCUMENTED = re.compile(
    r"^\s*(?:\w+\s+)?`?(\w+)`?\s*[:(][^\n]*\b(?:list|tuple|sequence)\b", re.IGNORECASE | re.MULTILINE
)


def is_list(function: ast.AST, node: ast.AST) -> bool:
    """Whether a variable is a list, for all that its annotation says."""
    return isinstance(node, ast.Name) and (_OF_A_BACKBONE.search(node.id) is not None or node.id in _lists(function))


@once_a_node
def _lists(function: ast.AST) -> frozenset[str]:
    """The variables that a function documents as a list, or hands to torch as one."""
    text = ast.get_docstring(function) if isinstance(function, ast.FunctionDef) else None
    calls = (node for node in below(function) if isinstance(node, ast.Call) and dotted(node.func) in _JOINED)
    joined = (call.args[0] for call in calls if call.args)
    return frozenset(_DOCUMENTED.findall(text or "")) | {node.id for node in joined if isinstance(node, ast.Name)}

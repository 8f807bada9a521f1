"""Lists of tensors that are annotated as one tensor: what the function says and does with them tells."""

from __future__ import annotations

import ast
import re

from exportlint.flow.objects import dotted
from exportlint.source.remembered import below, once_a_node

_OF_A_BACKBONE = re.compile(r"(^|_)(feats|features|feature_maps|pyramid|levels|skips|list)$")
_JOINED = ("torch.cat", "torch.stack", "torch.concat", "torch.hstack", "torch.vstack", "torch.concatenate")
_OF_EACH = frozenset("to cuda cpu float half bfloat16 detach contiguous".split())  # one call does it to a whole tensor
_DOCUMENTED = re.compile(
    r"^\s*(?:\w+\s+)?`?(\w+)`?\s*[:(][^\n]*\b(?:list|tuple|sequence)\b", re.IGNORECASE | re.MULTILINE
)


def is_list(function: ast.AST, node: ast.AST) -> bool:
    """Whether a variable is a list, for all that its annotation says."""
    return isinstance(node, ast.Name) and (_OF_A_BACKBONE.search(node.id) is not None or node.id in _lists(function))


@once_a_node
def _lists(function: ast.AST) -> frozenset[str]:
    """The variables that a function documents as a list, hands to torch as one, or moves one by one."""
    text = ast.get_docstring(function) if isinstance(function, ast.FunctionDef) else None
    calls = (node for node in below(function) if isinstance(node, ast.Call) and dotted(node.func) in _JOINED)
    joined = (call.args[0] for call in calls if call.args)
    moved = (node.generators[0].iter for node in below(function) if isinstance(node, ast.ListComp) and _is_moved(node))
    return frozenset(_DOCUMENTED.findall(text or "")) | {
        node.id for node in (*joined, *moved) if isinstance(node, ast.Name)
    }


def _is_moved(node: ast.ListComp) -> bool:
    """`[feature.to(device) for feature in features]`."""
    call, drawn = node.elt, node.generators[0].target
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and isinstance(drawn, ast.Name)):
        return False
    return call.func.attr in _OF_EACH and dotted(call.func.value) == drawn.id

"""The torch operations in a case's source text, named, and with arguments named, as exportlint's interpreter does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from exportlint.data import torch_signatures
from exportlint.flow.torch_calls import canonical
from exportlint.operators.names import TENSOR

_BINARY = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "and_",
    ast.BitOr: "or_",
    ast.BitXor: "xor",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
}
_UNARY = {ast.USub: "neg", ast.Invert: "invert"}
_COMPARE = {ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge"}
# What a case needs around the operation under test; all of these export with every exporter at every opset.
_SCAFFOLD = frozenset(
    f"torch.Tensor.{method}"
    for method in ("clone", "abs", "t", "sigmoid", "reshape", "float", "unsqueeze", "int", "values")
) | {
    "torch.tensor",
    "torch.arange",
    "torch.eye",
    "operator.getitem",
    "operator.gt",
    "operator.add",
    "operator.mul",
    "operator.or_",
    "operator.matmul",
    "operator.invert",
}


# Arguments for which a model gives its parameters and buffers, whose shapes are fixed; but not what a loss or a mean of
# two tensors is weighted with. And offsets, which at other lengths would have to be other ones.
_PARAMETERS = frozenset({"weight", "bias", "running_mean", "running_var", "in_proj_weight", "in_proj_bias", "offsets"})
_WEIGHTED = re.compile("loss|entropy|lerp")


@dataclass(frozen=True)
class Operation:
    """A torch operation: `arguments` by parameter name, label or position as text; tensors are TENSOR.

    `operand` is the source text of the tensor it works on, "" where there is none.
    """

    name: str
    arguments: dict[str, object]
    operand: str = ""


def tested(call: str, layer: str | None) -> Operation | None:
    """The operation that a case tests: the only one that is no scaffold, or the outermost; None where unclear."""
    if layer:
        return replace(next(_in_expression(ast.parse(layer, mode="eval").body)), operand="x0")
    operations = [one for statement in ast.parse(call).body for one in _in_statement(statement)]
    serious = [one for one in operations if one.name not in _SCAFFOLD]
    if len(serious) == 1:
        return serious[0]
    return operations[0] if operations and not serious else None


def weights(call: str) -> list[int]:
    """Positions of the inputs that stand where models give parameters: 1 for `F.linear(x0, x1)`."""
    found = set()
    named = [(node, _called(node) or "") for node in ast.walk(ast.parse(call)) if isinstance(node, ast.Call)]
    for node, name in ((node, name) for node, name in named if not _WEIGHTED.search(name)):
        labels = torch_signatures().get(name, [])
        labelled = [*zip(labels, node.args, strict=False), *((word.arg, word.value) for word in node.keywords)]
        found |= {value.id for label, value in labelled if label in _PARAMETERS and isinstance(value, ast.Name)}
    return sorted(int(name[1:]) for name in found if re.fullmatch(r"x\d+", name))


def _in_statement(statement: ast.stmt) -> Iterator[Operation]:
    """Outermost operations first."""
    if isinstance(statement, ast.Expr):
        yield from _in_expression(statement.value)
    elif isinstance(statement, ast.Assign):
        if isinstance(statement.targets[0], ast.Subscript):
            yield Operation("operator.setitem", {}, "x0")
        yield from _in_expression(statement.value)
    elif isinstance(statement, ast.AugAssign):
        arguments = {"0": TENSOR, "1": _value(statement.value)}
        yield Operation(f"operator.{_BINARY[type(statement.op)]}", arguments, "x0")


def _in_expression(node: ast.expr) -> Iterator[Operation]:
    if isinstance(node, ast.Call) and (name := _called(node)):
        receiver = node.func.value if name.startswith("torch.Tensor.") else None
        operand = next((one for one in (receiver, *node.args) if one is not None and _is_tensor(one)), None)
        yield Operation(name, _arguments(name, node), ast.unparse(operand) if operand else "")
    elif isinstance(node, ast.BinOp):
        yield Operation(f"operator.{_BINARY[type(node.op)]}", {"0": _value(node.left), "1": _value(node.right)}, "x0")
    elif isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY and _is_tensor(node.operand):
        yield Operation(f"operator.{_UNARY[type(node.op)]}", {"0": TENSOR}, "x0")
    elif isinstance(node, ast.Compare):
        arguments = {"0": _value(node.left), "1": _value(node.comparators[0])}
        yield Operation(f"operator.{_COMPARE[type(node.ops[0])]}", arguments, "x0")
    elif isinstance(node, ast.Subscript) and _is_tensor(node.value):
        yield Operation("operator.getitem", _steps(node.slice), "x0")
    elif isinstance(node, ast.Attribute) and _is_tensor(node.value):
        yield Operation(f"torch.Tensor.{node.attr}", {}, ast.unparse(node.value))
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Attribute) and isinstance(node, ast.Call) and child is node.func:
            child = child.value
        if isinstance(child, ast.keyword):
            child = child.value
        if isinstance(child, ast.expr):
            yield from _in_expression(child)


def _called(node: ast.Call) -> str | None:
    """ "torch.max", "torch.nn.LSTM", "torch.Tensor.unfold"; None for Python's own functions but abs."""
    if isinstance(node.func, ast.Name):
        return "operator.abs" if node.func.id == "abs" else None
    if not isinstance(node.func, ast.Attribute):
        return None
    dotted = ast.unparse(node.func)
    if dotted.startswith(("torch.", "nn.")):
        return canonical(dotted if dotted.startswith("torch.") else f"torch.{dotted}")
    return f"torch.Tensor.{node.func.attr}"


def _arguments(name: str, node: ast.Call) -> dict[str, object]:
    labels = torch_signatures().get(name, [])
    found = {}
    for index, argument in enumerate(node.args):
        known = index < len(labels) and labels[index] != "*"
        found[labels[index] if known else str(index)] = _value(argument)
    return found | {keyword.arg: _value(keyword.value) for keyword in node.keywords}


def _steps(index: ast.expr) -> dict[str, object]:
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    steps = tuple(_value(part.step) if part.step else None for part in parts if isinstance(part, ast.Slice))
    return {"step": steps} if any(step not in (None, 1) for step in steps) else {}


def _value(node: ast.expr) -> object:
    """A literal's value, lists as tuples; TENSOR for what holds tensors; source text for dtypes and the like."""
    if isinstance(node, ast.Tuple | ast.List):
        members = tuple(_value(member) for member in node.elts)
        return TENSOR if TENSOR in members else members
    if _is_tensor(node):
        return TENSOR
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "float":
        return float(ast.literal_eval(node.args[0]))
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)


def _is_tensor(node: ast.expr) -> bool:
    """Whether an expression of a case is a tensor: made of x0, x1... or y, or by a call of torch."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("torch."):
        return True
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return any(name == "y" or (name[0] == "x" and name[1:].isdigit()) for name in names)

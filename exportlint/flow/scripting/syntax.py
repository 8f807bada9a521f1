"""What the parser of torch.jit.script refuses, wherever it stands in a function, dead branches included.

Follows torch/jit/frontend.py: its builders for statements and expressions, and `build_param_list`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_STATEMENTS = (
    ast.Expr,
    ast.Assign,
    ast.AnnAssign,
    ast.Delete,
    ast.Return,
    ast.Raise,
    ast.Assert,
    ast.AugAssign,
    ast.While,
    ast.For,
    ast.If,
    ast.Pass,
    ast.Break,
    ast.Continue,
    ast.With,
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_NAMES = {
    ast.FunctionDef: "a function inside a function",
    ast.AsyncFunctionDef: "a function inside a function",
    ast.ClassDef: "a class inside a function",
    ast.Lambda: "a lambda",
    ast.Import: "an import inside a function",
    ast.ImportFrom: "an import inside a function",
    ast.Global: "`global`",
    ast.Nonlocal: "`nonlocal`",
    ast.Try: "`try`",
    ast.Match: "`match`",
    ast.AsyncFor: "`async for`",
    ast.AsyncWith: "`async with`",
    ast.Set: "a set",
    ast.SetComp: "a set comprehension",
    ast.NamedExpr: "`:=`",
    ast.Yield: "`yield`",
    ast.YieldFrom: "`yield from`",
    ast.Await: "`await`",
}


@dataclass(frozen=True)
class Refusal:
    """A node that the parser stops at. `reason` as in the event `ScriptFault`, `detail` names the construct."""

    node: ast.AST
    reason: str
    detail: str


def refusals(function: ast.FunctionDef) -> Iterator[Refusal]:
    """All that the parser would stop at, in a function that is compiled."""
    yield from _parameters(function.args)
    yield from _positional_only(function)
    for statement in function.body:
        yield from _visit(statement)


def _parameters(arguments: ast.arguments) -> Iterator[Refusal]:
    if arguments.kwarg is not None:
        yield Refusal(arguments.kwarg, "variable-arguments", f"**{arguments.kwarg.arg}")
    if arguments.vararg is not None:
        yield Refusal(arguments.vararg, "variable-arguments", f"*{arguments.vararg.arg}")
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            yield Refusal(default, "variable-arguments", f"keyword-only {argument.arg} with a default")


def _positional_only(function: ast.FunctionDef) -> Iterator[Refusal]:
    """torch forgets parameters before `/`, and stops where one is used, or at a method that is left without any."""
    names = [argument.arg for argument in function.args.posonlyargs]
    if names[:1] == ["self"] and not function.args.args:
        yield Refusal(function.args.posonlyargs[0], "variable-arguments", "positional-only self")
        return
    for node in (node for statement in function.body for node in ast.walk(statement) if names):
        if isinstance(node, ast.Name) and node.id in names:
            yield Refusal(node, "variable-arguments", f"positional-only {node.id}")
            return


def _visit(node: ast.AST) -> Iterator[Refusal]:
    refused = _refused(node)
    if refused is not None:
        yield refused
    if isinstance(node, _FUNCTIONS):
        return
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _visit(child)


def _refused(node: ast.AST) -> Refusal | None:
    kind = type(node)
    if kind in (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
        return Refusal(_head(node), "nested-function", _NAMES[kind])
    if kind in _NAMES:
        return Refusal(_head(node), "unsupported-syntax", _NAMES[kind])
    if isinstance(node, ast.stmt):
        return _statement(node)
    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
        if len(node.generators) != 1:
            return Refusal(node, "unsupported-syntax", "a comprehension with more than one `for`")
        if node.generators[0].ifs:
            return Refusal(node, "unsupported-syntax", "a comprehension with `if`")
    if isinstance(node, ast.FormattedValue) and (node.conversion != -1 or node.format_spec is not None):
        return Refusal(node, "unsupported-syntax", "an f-string with a format or a conversion")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
        return Refusal(node, "unsupported-syntax", "unary `+`")
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
        return Refusal(node, "unsupported-syntax", "a bytes literal")
    if isinstance(node, ast.Call):
        expanded = next((k for k in node.keywords if k.arg is None), None)
        return Refusal(expanded.value, "star-expansion", "`**` in a call") if expanded else None
    if isinstance(node, ast.Dict) and None in node.keys:
        return Refusal(node, "star-expansion", "`**` in a dict")
    return None


def _statement(node: ast.stmt) -> Refusal | None:
    if not isinstance(node, _STATEMENTS):
        return Refusal(_head(node), "unsupported-syntax", f"`{type(node).__name__}`")
    if isinstance(node, ast.For | ast.While) and node.orelse:
        return Refusal(_head(node), "unsupported-syntax", "`else` of a loop")
    if isinstance(node, ast.Raise) and node.exc is None:
        return Refusal(node, "unsupported-syntax", "`raise` without an exception")
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return Refusal(node, "unsupported-syntax", "an annotation without a value")
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute):
        return Refusal(node, "unsupported-syntax", "an annotated attribute outside __init__")
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.FloorDiv | ast.MatMult):
        return Refusal(node, "unsupported-syntax", "`//=`" if isinstance(node.op, ast.FloorDiv) else "`@=`")
    return None


def _head(node: ast.AST) -> ast.AST:
    """The first line of a statement: torch points there, and a finding on a whole body says nothing."""
    if not isinstance(node, ast.stmt):
        return node
    head = ast.Pass(lineno=node.lineno, col_offset=node.col_offset)
    first = node.body[0] if getattr(node, "body", None) else None
    same_line = first is None or first.lineno == node.lineno
    head.end_lineno = node.end_lineno if same_line else node.lineno
    head.end_col_offset = node.end_col_offset if same_line else node.col_offset + 3
    return head

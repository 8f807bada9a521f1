"""What the user's lines compare: the numbers in them, and which tests depend on what. Standard library only."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import FrameType

Function = ast.FunctionDef | ast.AsyncFunctionDef
_COMPARING = (ast.Mod, ast.FloorDiv)
_TESTING = (ast.If, ast.While, ast.Assert)
_BINDING = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.For)


@lru_cache(maxsize=1000)
def _tree(file: str) -> ast.Module:
    try:
        return ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError, RecursionError):  # a file that changed since it was imported
        return ast.Module([], [])


@lru_cache(maxsize=1000)
def compared(file: str) -> Mapping[int, tuple[ast.expr, ...]]:
    """Comparisons, remainders, and calls of min and max, by the line that each begins on."""
    found: dict[int, list[ast.expr]] = {}
    for node in ast.walk(_tree(file)):
        bounding = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("min", "max")
        dividing = isinstance(node, ast.BinOp) and isinstance(node.op, _COMPARING)
        if bounding or dividing or isinstance(node, ast.Compare):
            found.setdefault(node.lineno, []).append(node)
    return {line: tuple(nodes) for line, nodes in found.items()}


def numbers(expressions: tuple[ast.expr, ...], frame: FrameType) -> frozenset[float]:
    """The numbers in expressions: literals, and names and attributes that hold one in a frame. Calls nothing."""
    nodes = [node for expression in expressions for node in ast.walk(expression)]
    values = [_value(node, frame) for node in nodes]
    return frozenset(value for value in values if type(value) in (int, float) and abs(value) < 1e9)


def _value(node: ast.AST, frame: FrameType) -> object:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        return -value if type(value) in (int, float) else None
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if isinstance(node, ast.Attribute):
        return _held(_value(node.value, frame), node.attr)
    return None


def _held(owner: object, name: str) -> object:
    """An attribute by its owner's dictionary: a property would run code."""
    try:
        return object.__getattribute__(owner, "__dict__").get(name)
    except AttributeError:
        return None


@lru_cache(maxsize=1000)
def joined(file: str) -> frozenset[int]:
    """Lines with a whole test of several parts: each is decided there, and where the line went says what came out."""
    tests = [node.test for node in ast.walk(_tree(file)) if isinstance(node, _TESTING)]
    parts = [test for test in tests if any(isinstance(node, ast.BoolOp) for node in ast.walk(test))]
    return frozenset(test.lineno for test in parts if test.lineno == test.end_lineno)


@lru_cache(maxsize=1000)
def depending(file: str, reads: frozenset[int]) -> frozenset[int]:
    """Lines of `if`, `while` and `assert` whose test reads a tensor on a line of `reads`, or a name made from one."""
    found: set[int] = set()
    for function in ast.walk(_tree(file)):
        if isinstance(function, Function):
            nodes = list(_own(function))
            names = _made_from(nodes, reads)
            tests = [node.test for node in nodes if isinstance(node, _TESTING) and not _of_identity(node.test)]
            found |= {test.lineno for test in tests if _on(test, reads) or _names(test) & names}
    return frozenset(found)


def _of_identity(test: ast.expr) -> bool:
    """Whether a test asks for None and the like, never for a value."""
    return isinstance(test, ast.Compare) and all(isinstance(one, (ast.Is, ast.IsNot)) for one in test.ops)


def _own(function: Function) -> Iterator[ast.AST]:
    """Nodes of a function, without those of functions inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function):
            waiting.extend(ast.iter_child_nodes(node))


def _made_from(nodes: list[ast.AST], reads: frozenset[int]) -> set[str]:
    """Names that are bound to what a line of `reads` gives, or to what is made of such names."""
    names: set[str] = set()
    while True:
        before = len(names)
        for node in nodes:
            source = node.iter if isinstance(node, ast.For) else getattr(node, "value", None)
            if isinstance(node, _BINDING) and source is not None and (_on(source, reads) or _names(source) & names):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names |= {name for target in targets for name in _names(target) if name != "self"}
        if len(names) == before:
            return names


def _on(node: ast.expr, lines: frozenset[int]) -> bool:
    return any(line in lines for line in range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _names(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}

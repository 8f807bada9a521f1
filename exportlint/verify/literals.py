"""What an expression of a script means without running it: plain values, objects to make, shapes of example tensors."""

from __future__ import annotations

import ast
import operator
from collections.abc import Iterator
from functools import cached_property

_ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv}
_LARGEST = 2**40  # of a whole number that arithmetic makes
_REAL = {"randn", "rand", "normal"}
_FILLED = {"ones", "zeros", "empty", "full"}
_CASTS = {"bool": "bool", "long": "int64", "int": "int32", "half": "float16", "double": "float64", "float": "float32"}
_KEPT = {"to", "cuda", "cpu", "contiguous", "requires_grad_", "clone", "detach", "eval"}


class Unknown(Exception):
    """The expression has no meaning without running it."""


class Scope:
    """A module, or one function of it: what its names were assigned, once each, and what it imports.

    `file`: where the module's own classes can be loaded from, as seen from the project; None where nowhere.
    """

    def __init__(self, tree: ast.Module, body: ast.AST, file: str | None) -> None:
        self.tree, self.body, self.file = tree, body, file

    def nodes(self) -> Iterator[ast.AST]:
        """Nodes of the body in the order of the source, without those of functions inside it."""
        waiting = list(reversed(list(ast.iter_child_nodes(self.body))))
        while waiting:
            node = waiting.pop()
            yield node
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                waiting.extend(reversed(list(ast.iter_child_nodes(node))))

    @cached_property
    def _assigned(self) -> dict[str, ast.expr | None]:
        """Names to the one expression that they were assigned; None after a second."""
        found = {} if self.body is self.tree else dict(Scope(self.tree, self.tree, self.file)._assigned)
        outside = set(found)
        for node in self.nodes():
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                name = ast.unparse(node.targets[0])
                found[name] = None if name in found and name not in outside else node.value
                outside.discard(name)
        return found

    @cached_property
    def _imported(self) -> dict[str, str]:
        """Names to what they import, as "package.module:Name" or "package.module"."""
        found = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.update({alias.asname or alias.name: f"{node.module}:{alias.name}" for alias in node.names})
            elif isinstance(node, ast.Import):
                found.update({alias.asname or alias.name: alias.name for alias in node.names})
        return found

    def assigned_to(self, value: ast.expr) -> str | None:
        """The name that an expression is assigned to, with `.eval()` and the like around it or not."""
        for node in self.nodes():
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                inner = node.value
                while isinstance(inner, ast.Call) and inner is not value and _method(inner) in _KEPT:
                    inner = inner.func.value
                if inner is value:
                    return ast.unparse(node.targets[0])
        return None

    def value(self, node: ast.expr, depth: int = 0) -> object:
        """JSON for an expression; a tuple becomes a list, an object {"make": ...}. Raises Unknown.

        So does None, which a configuration cannot say.
        """
        if depth > 8:
            raise Unknown
        if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float, str)):
            return node.value
        if isinstance(node, (ast.List, ast.Tuple)):
            return [self.value(item, depth + 1) for item in node.elts]
        if isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
            pairs = zip(node.keys, node.values, strict=True)
            return {str(key.value): self.value(item, depth + 1) for key, item in pairs}
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self._number(node.operand, depth)
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            return self._computed(node, depth)
        if isinstance(node, ast.Name) and self._assigned.get(node.id) is not None:
            return self.value(self._assigned[node.id], depth + 1)
        if isinstance(node, ast.Call):
            return self._made(node, depth)
        raise Unknown

    def _number(self, node: ast.expr, depth: int) -> int | float:
        value = self.value(node, depth + 1)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
        raise Unknown

    def _computed(self, node: ast.BinOp, depth: int) -> int | float:
        left, right = self._number(node.left, depth), self._number(node.right, depth)
        if isinstance(node.op, ast.FloorDiv) and right == 0:
            raise Unknown
        made = _ARITHMETIC[type(node.op)](left, right)
        if abs(made) > _LARGEST:
            raise Unknown
        return made

    def _made(self, node: ast.Call, depth: int) -> object:
        """An object of a class, which starts with a capital letter, with all its arguments known."""
        entry = self._entry(ast.unparse(node.func))
        if entry is None or not entry.rpartition(":")[2].rpartition(".")[2][:1].isupper():
            raise Unknown
        made: dict[str, object] = {"make": entry}
        if node.args:
            made["args"] = [self.value(argument, depth + 1) for argument in node.args]
        for keyword in node.keywords:
            if keyword.arg is None:
                raise Unknown
            made[keyword.arg] = self.value(keyword.value, depth + 1)
        return made

    def _entry(self, dotted: str) -> str | None:
        head, _, rest = dotted.partition(".")
        imported = self._imported.get(head)
        if imported is None:
            own = any(isinstance(node, ast.ClassDef) and node.name == dotted for node in self.tree.body)
            return f"{self.file}::{dotted}" if own and self.file else None
        if ":" in imported:
            module, _, name = imported.partition(":")
            # `from torch import nn`, then `nn.ReLU()`: a module was imported, not a class
            return f"{module}.{name}:{rest}" if rest else imported
        module, _, name = f"{imported}.{rest}".rpartition(".") if rest else ("", "", "")
        return f"{module}:{name}" if module else None

    def shape(self, node: ast.expr, depth: int = 0) -> str | None:
        """An example tensor as the configuration writes it, None for what is none that is known here."""
        if depth > 8:
            return None
        if isinstance(node, ast.Name) and self._assigned.get(node.id) is not None:
            return self.shape(self._assigned[node.id], depth + 1)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return None
        method = node.func.attr
        if method in _CASTS and not node.args:
            inner = self.shape(node.func.value, depth + 1)
            return _cast(inner, _CASTS[method]) if inner else None
        if method in _KEPT:
            return self.shape(node.func.value, depth + 1)
        return (
            self._created(node, method)
            if self._imported.get(ast.unparse(node.func.value)) == "torch" or (ast.unparse(node.func.value) == "torch")
            else None
        )

    def _created(self, node: ast.Call, method: str) -> str | None:
        named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        args = list(node.args)
        try:
            if method == "randint":
                sized = named.get("size") or args.pop()
                high = self.value(named.get("high") or args[-1])
                return f"int64[{self._sizes([sized])}] < {high}" if isinstance(high, int) and high > 0 else None
            if method not in _REAL | _FILLED:
                return None
            sizes = self._sizes([named["size"]] if "size" in named else args[:1] if method == "full" else args)
        except (Unknown, IndexError):
            return None
        dtype = ast.unparse(named["dtype"]).rpartition(".")[2] if "dtype" in named else "float32"
        return _cast(f"float32[{sizes}]", {"long": "int64", "float": "float32", "int": "int32"}.get(dtype, dtype))

    def _sizes(self, nodes: list[ast.expr]) -> str:
        values = [self.value(node) for node in nodes]
        whole = values[0] if len(values) == 1 and isinstance(values[0], list) else values
        if not all(isinstance(size, int) and not isinstance(size, bool) and size >= 0 for size in whole):
            raise Unknown
        return ", ".join(map(str, whole))


def _method(node: ast.Call) -> str | None:
    return node.func.attr if isinstance(node.func, ast.Attribute) else None


def _cast(shape: str, dtype: str) -> str:
    sizes = shape[shape.index("[") : shape.index("]") + 1]
    return dtype + sizes + (" < 2" if dtype.startswith("int") else "")

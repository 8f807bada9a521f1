"""Values of a module: to torch.jit.script a name is a function, a class, a module or a variable, and nothing else."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from exportlint.data import torch_returns
from exportlint.flow.expressions import meaning
from exportlint.flow.objects import dotted, says_none
from exportlint.flow.scripting.types import resolve
from exportlint.flow.values import UNKNOWN, Api, Class, Function, Namespace, Value
from exportlint.source.module import Module
from exportlint.source.project import Assigned, External, Resolved
from exportlint.source.remembered import once_a_node

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body

_LITERALS = (ast.List, ast.Tuple, ast.Dict, ast.Set)
_COMPUTED = (ast.UnaryOp, ast.Compare, ast.JoinedStr)
_NUMBERS = frozenset(f"{module}.{name}" for module in ("math", "numpy", "torch") for name in "pi e tau inf nan".split())
_MAKERS = frozenset(
    "builtins.int builtins.float builtins.bool builtins.str builtins.len builtins.set builtins.frozenset builtins.list "
    "builtins.tuple builtins.dict logging.getLogger os.getenv os.environ.get torch.device".split()
)
_KINDS = ("tensor", "bool", "int", "number", "dtype", "device")


def why_not(body: Body, name: str) -> str | None:
    """Why a name that is no variable of the function cannot be used; None where it can, or where that is not known."""
    resolved = body.project.resolve(body.module, name)
    if isinstance(resolved, External):
        return f"`{name}` is a number of another module" if resolved.name in _NUMBERS else None
    if resolved is None and _is_exception(name):
        return f"`{name}` is an exception, not raised here"
    if not isinstance(resolved, Assigned):
        return None
    node = resolved.node
    if says_none(node):
        return f"`{name}` is None" if _assigned_once(resolved.module, name) else None
    literal = isinstance(node, (ast.Constant, *_LITERALS))
    if literal or (_assigned_once(resolved.module, name) and _is_value(body, resolved.module, node)):
        return f"`{name}` is a value of the module"
    return None


def value_of(body: Body, name: str) -> Value:
    """What a name means that is no variable of the function."""
    resolved = body.project.resolve(body.module, name)
    return Api(f"builtins.{name}") if resolved is None else _meaning(body, resolved)


def member(body: Body, namespace: Namespace, name: str) -> Value:
    """A function, a class or a module that a module of the project holds."""
    value = _meaning(body, body.project.resolve(namespace.module, name))
    return value if isinstance(value, Function | Class | Namespace) else UNKNOWN


def _meaning(body: Body, resolved: Resolved) -> Value:
    from exportlint.flow.scripting.reach import frame_of

    return meaning(frame_of(body.program, body.module), resolved)


def _is_exception(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


def _is_value(body: Body, module: Module, node: ast.expr) -> bool:
    if isinstance(node, _COMPUTED):
        return True
    if isinstance(node, ast.BinOp):  # `int | None` is a type
        return not isinstance(node.op, ast.BitOr)
    target = node.func if isinstance(node, ast.Call) else node
    found = resolve(body.project, module, dotted(target))
    if not isinstance(found, External):
        return False
    kind = torch_returns().get(found.name, "")
    if not isinstance(node, ast.Call):
        return found.name in _NUMBERS or _is_dtype(found.name)
    available = found.name.startswith("torch.") and found.name.endswith(".is_available")
    made_by_math = found.name.startswith("math.")
    # what calling a class of modules gives depends on the instance, which torch compiles
    is_function = not found.name.rpartition(".")[2][:1].isupper() or found.name == "torch.Tensor"
    return found.name in _MAKERS or available or made_by_math or (is_function and kind.startswith(_KINDS))


def _is_dtype(name: str) -> bool:
    head, _, last = name.rpartition(".")
    return head == "torch" and last.rstrip("0123456789") in ("float", "int", "uint", "bfloat", "bool", "half", "long")


@once_a_node
def _assigned(tree: ast.Module) -> list[str]:
    """The variables of a module, once for each time that one is set anywhere in it, or imported."""
    stores = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    names = [n.asname or n.name for n in ast.walk(tree) if isinstance(n, ast.alias)]
    return stores + names + [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]


def _assigned_once(module: Module, name: str) -> bool:
    """Whether a module's variable is only ever set to one thing, so that no optional import replaces it."""
    return _assigned(module.tree).count(name) == 1

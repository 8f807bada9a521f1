"""The context managers that torch.jit.script does not take."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.objects import decorators, dotted
from exportlint.source.project import Defined

if TYPE_CHECKING:
    from exportlint.flow.scripting.body import Body

_REFUSED = (
    "torch.enable_grad",
    "torch.inference_mode",
    "torch.set_grad_enabled",
    "torch.device",
    "torch.cuda.device",
    "contextlib.",
)


def refuse(body: Body, manager: ast.expr) -> None:
    """Report what stands behind `with`, if torch does not take it."""
    name = body.external(manager.func if isinstance(manager, ast.Call) else manager)
    if name.startswith(_REFUSED):
        called = dotted(manager.func) if isinstance(manager, ast.Call) else name
        body.fault(manager, "unsupported-syntax", f"`with {called}`")
    resolved = body.project.resolve(body.module, dotted(manager.func)) if isinstance(manager, ast.Call) else None
    if not isinstance(resolved, Defined):
        return
    if any(mark.endswith("contextmanager") for mark in decorators(resolved.node)):
        body.fault(manager, "unsupported-syntax", "a context manager made of a generator")
    elif isinstance(resolved.node, ast.ClassDef):
        _of_class(body, manager, resolved)


def _of_class(body: Body, node: ast.Call, cls: Defined) -> None:
    """torch compiles the class of a context manager: it wants a constructor, and an `__exit__` that takes Any."""
    leave = body.program.classes.find(cls, "__exit__")
    untyped = leave is not None and isinstance(leave[1], ast.FunctionDef) and leave[1].args.args[1:]
    if body.program.classes.find(cls, "__init__") is None and not cls.node.bases:
        body.fault(node, "unsupported-syntax", f"`with` of {cls.node.name}, which has no `__init__`")
    elif untyped and any(argument.annotation is None for argument in untyped):
        body.fault(node, "unsupported-syntax", f"`with` of {cls.node.name}, whose `__exit__` does not take Any")

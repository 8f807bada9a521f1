"""Forward hooks, which torch.jit.script compiles with the module they hang on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from exportlint.flow.objects import dotted, members
from exportlint.flow.values import Instance
from exportlint.source.project import Defined

if TYPE_CHECKING:
    from exportlint.flow.scripting.reach import Program


def hooks(program: Program, instance: Instance, doubt: bool) -> None:
    """Report the forward hooks that a constructor registers and torch cannot compile."""
    for owner in program.classes.order(instance.cls)[0]:
        init = members(owner.node).get("__init__")
        for statement in init.body if isinstance(init, ast.FunctionDef) else ():
            certain = isinstance(statement, ast.Expr)
            for node in ast.walk(statement):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    _hook(program, owner, node, doubt or not certain)


def _hook(program: Program, owner: Defined, node: ast.Call, doubt: bool) -> None:
    if node.func.attr not in ("register_forward_hook", "register_forward_pre_hook") or not node.args:
        return
    hook, why = node.args[0], None
    resolved = program.project.resolve(owner.module, dotted(hook)) if dotted(hook) else None
    if isinstance(hook, ast.Lambda):
        why = "a lambda"
    elif dotted(hook).startswith("self."):
        why = "a method"
    elif isinstance(resolved, Defined) and isinstance(resolved.node, ast.FunctionDef):
        inputs = resolved.node.args.args[1:2]
        why = "a function without types" if inputs and inputs[0].annotation is None else None
    if why:
        program.report(owner.module, node, f"{owner.qualname}.__init__", "hook", why, doubt)

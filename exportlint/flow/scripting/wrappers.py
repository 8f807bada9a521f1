"""Decorated functions: what torch compiles instead, and the names that it cannot find."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from exportlint.flow.objects import decorators, dotted
from exportlint.flow.scripting import syntax
from exportlint.flow.values import UNKNOWN, Function, Value
from exportlint.source.module import Module
from exportlint.source.project import Defined, External

if TYPE_CHECKING:
    from exportlint.flow.scripting.reach import Program

WRAPPERS = frozenset(
    "torch.no_grad torch.enable_grad torch.inference_mode torch.autocast torch.amp.autocast torch.cuda.amp.autocast "
    "torch.compile torch.compiler.disable torch._dynamo.disable".split()
)


def decorated(program: Program, function: Function, doubt: bool) -> Value:
    """torch reads the source of what a decorator wraps, but looks its names up where the wrapper stands."""
    for decorator in function.node.decorator_list:
        name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        resolved = program.project.resolve(function.module, name) if name else None
        if isinstance(resolved, External) and resolved.name in WRAPPERS:
            for refusal in syntax.refusals(function.node):
                program.report(function.module, refusal.node, function.qualname, refusal.reason, refusal.detail, doubt)
            _lost_names(program, function, decorator, name, doubt)
            return UNKNOWN
        wrapper = _returned_function(resolved)
        if wrapper is not None and wrapper is not resolved.node:
            wraps = any(d.endswith("wraps") for d in decorators(wrapper))
            if not wraps and (wrapper.args.vararg or wrapper.args.kwarg):
                inner = Function(resolved.module, wrapper, f"{resolved.qualname}.{wrapper.name}", function.receiver)
                return program.compile(inner, doubt)
            if wraps and resolved.module is function.module:
                return program.compile(function, doubt)
            if wraps:
                lost = next(_global_names(program, function, resolved.module), None)
                if lost is not None:
                    _report(program, function, lost, name, lost, doubt)
        if wrapper is None and _returns_parameter(resolved):
            return program.compile(function, doubt)
    return program.compile(function, True)


def _lost_names(program: Program, function: Function, decorator: ast.expr, name: str, doubt: bool) -> None:
    imports_torch = "grad" not in name and "inference" not in name  # as the file of torch.no_grad does not
    used = _global_names(program, function)
    lost = next((node for node in used if node.id != "torch" or not imports_torch), None)
    if lost is not None:
        _report(program, function, decorator, name, lost, doubt)


def _report(program: Program, function: Function, at: ast.expr, name: str, lost: ast.Name, doubt: bool) -> None:
    detail = f"`@{name}` hides `{lost.id}`"
    program.report(function.module, at, function.qualname, "wrapped-function", detail, doubt)


def _global_names(program: Program, function: Function, but_of: Module | None = None) -> Iterator[ast.Name]:
    """Where a function uses names of its module, without those that another module has as well."""
    local = {n.id for n in ast.walk(function.node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    local |= {a.arg for a in ast.walk(function.node.args) if isinstance(a, ast.arg)}
    for node in (n for statement in function.node.body for n in ast.walk(statement)):
        if isinstance(node, ast.Name) and node.id not in local:
            known = program.project.resolve(function.module, node.id) is not None
            if known and (but_of is None or program.project.resolve(but_of, node.id) is None):
                yield node


def _returned_function(resolved) -> ast.FunctionDef | None:
    """The inner function that a decorator of the project returns."""
    if not isinstance(resolved, Defined) or not isinstance(resolved.node, ast.FunctionDef):
        return None
    inner = {s.name: s for s in resolved.node.body if isinstance(s, ast.FunctionDef)}
    last = resolved.node.body[-1]
    return inner.get(dotted(last.value)) if isinstance(last, ast.Return) and last.value is not None else None


def _returns_parameter(resolved) -> bool:
    """Decorators that register a function and give it back."""
    if not isinstance(resolved, Defined) or not isinstance(resolved.node, ast.FunctionDef):
        return False
    arguments = {a.arg for a in resolved.node.args.args}
    returns = [s for s in ast.walk(resolved.node) if isinstance(s, ast.Return) and s.value is not None]
    return bool(returns) and all(dotted(s.value) in arguments for s in returns)

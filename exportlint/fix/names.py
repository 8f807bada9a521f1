"""How a function of a library can be called in a file: the names that its imports bind."""

from __future__ import annotations

import ast
import builtins
import keyword

import libcst as cst

from exportlint.fix.site import Site
from exportlint.source.remembered import once_a_node


def dotted(site: Site, node: ast.expr) -> str:
    """What a name or a chain of attributes means by the file's imports: "numpy.sqrt" for `np.sqrt`; "" for the rest."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    origin = _imported(site.module.tree).get(node.id)
    return ".".join([origin, *parts]) if origin and node.id not in _bound(site.function) else ""


def called(site: Site, call: cst.Call | ast.Call) -> str:
    """What a call calls, as `dotted` names it; a builtin by its name alone."""
    function = call.func if isinstance(call, ast.Call) else site.expression(call.func)
    if isinstance(function, ast.Name) and function.id not in _imported(site.module.tree):
        return "" if function.id in _bound(site.function) else function.id
    return dotted(site, function)


def spelled(site: Site, name: str) -> str | None:
    """How the file can write a dotted name ("torch.where") with the imports it has; None where it cannot."""
    hidden = _bound(site.function)
    for local, origin in _imported(site.module.tree).items():
        if local not in hidden and (name == origin or name.startswith(origin + ".")):
            return local + name[len(origin) :]
    return None


@once_a_node
def _imported(tree: ast.Module) -> dict[str, str]:
    """What the imports at the top level bind: local name -> dotted origin; the longest origins come first."""
    found: dict[str, str] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                local = alias.asname or alias.name.partition(".")[0]
                found[local] = alias.name if alias.asname else local
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            for alias in statement.names:
                found[alias.asname or alias.name] = f"{statement.module}.{alias.name}"
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item)))


@once_a_node
def _bound(function: ast.AST) -> set[str]:
    """Names that a function binds itself, and which therefore do not mean what was imported."""
    bound = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return bound | {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}


def fresh(site: Site, wanted: str) -> str:
    """A name that the function around does not use for anything: the one `wanted`, or that with underscores."""
    used = {node.id for node in ast.walk(site.function) if isinstance(node, ast.Name)}
    used |= {node.arg for node in ast.walk(site.function) if isinstance(node, ast.arg)}
    used |= set(_imported(site.module.tree)) | set(dir(builtins)) | set(keyword.kwlist)
    while wanted in used or not wanted.isidentifier():
        wanted = f"{wanted}_" if wanted else "_"
    return wanted

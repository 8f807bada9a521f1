"""A loop over the numbers of modules becomes a loop over the modules.

## Before
```python
class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Tanh(), nn.Softplus()])

    def forward(self, x: torch.Tensor):
        for i in range(len(self.layers)):
            x = self.layers[i](x) * i
        return x
```

## After
```python
class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Tanh(), nn.Softplus()])

    def forward(self, x: torch.Tensor):
        for i, layer in enumerate(self.layers):
            x = layer(x) * i
        return x
```
Without `enumerate` where the number is used for nothing else.

## Safety
Safe: the same modules are called in the same order. Made where the loop runs over `range(len(self.layers))` and its
body assigns neither the number nor the container or a part of it.
"""

from __future__ import annotations

import ast

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.names import called, fresh
from exportlint.fix.plain import put, source
from exportlint.fix.site import Site


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs `self.layers[i]` in a loop over `range(len(self.layers))`."""
    item = site.syntax(ast.Subscript)
    if item is None or not isinstance(item.slice, ast.Name) or not isinstance(item.value, ast.Attribute):
        return None
    loop = _loop(site, item)
    if loop is None or _is_changed(loop, item):
        return None
    same = [node for node in ast.walk(loop) if isinstance(node, ast.Subscript) and ast.dump(node) == ast.dump(item)]
    name = fresh(site, _singular(item.value.attr))
    numbers = [node for node in ast.walk(site.function) if isinstance(node, ast.Name) and node.id == item.slice.id]
    container = source(site, item.value)
    alone = len(numbers) == len(same) + 1
    target = f"{name} in {container}" if alone else f"{item.slice.id}, {name} in enumerate({container})"
    header = put(site, loop.target, target, loop.iter)
    return Fix("loop over the modules", (header, *(put(site, node, name) for node in same)), True)


def _loop(site: Site, item: ast.Subscript) -> ast.For | None:
    """The loop around that counts the container of an item through."""
    node = site.whole(item)
    while node is not None:
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name) and node.target.id == item.slice.id:
            return node if _counts(site, node.iter, item.value) else None
        node = site.whole(node)
    return None


def _counts(site: Site, numbers: ast.expr, container: ast.expr) -> bool:
    """Whether an expression is `range(len(container))`."""
    for name in ("range", "len"):
        if not isinstance(numbers, ast.Call) or called(site, numbers) != name:
            return False
        if len(numbers.args) != 1 or numbers.keywords:
            return False
        numbers = numbers.args[0]
    return ast.dump(numbers) == ast.dump(container)


def _is_changed(loop: ast.For, item: ast.Subscript) -> bool:
    """Whether the body binds the number or the container, writes to an item, or calls a method of the container."""
    whole = ast.dump(item.value)
    for node in (inner for statement in loop.body for inner in ast.walk(statement)):
        if isinstance(node, ast.Name) and node.id == item.slice.id and not isinstance(node.ctx, ast.Load):
            return True
        if isinstance(node, ast.Attribute) and node.attr == item.value.attr and not isinstance(node.ctx, ast.Load):
            return True
        if isinstance(node, ast.Attribute) and ast.dump(node.value) == whole:
            return True
        if isinstance(node, ast.Subscript) and ast.dump(node.value) == whole and not isinstance(node.ctx, ast.Load):
            return True
    return False


def _singular(word: str) -> str:
    """A name for one of many: `layer` of `layers`."""
    word = word.strip("_")
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith("ches"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else f"one_{word}"


FIXER = Fixer("EXL406", fix)

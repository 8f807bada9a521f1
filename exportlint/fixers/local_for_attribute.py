"""An optional attribute is tested and used as a local variable.

## Before
```python
class Shift(nn.Module):
    bias: torch.Tensor | None

    def __init__(self):
        super().__init__()
        self.bias = torch.ones(1)

    def forward(self, x: torch.Tensor):
        if self.bias is not None:
            x = x + self.bias
        return x
```

## After
```python
class Shift(nn.Module):
    bias: torch.Tensor | None

    def __init__(self):
        super().__init__()
        self.bias = torch.ones(1)

    def forward(self, x: torch.Tensor):
        bias = self.bias
        if bias is not None:
            x = x + bias
        return x
```

## Safety
Safe where nothing in the file assigns the attribute outside of `__init__`: it is the same object each time. Elsewhere
unsafe, since a call within the branch may assign it.
"""

from __future__ import annotations

import ast

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.names import fresh
from exportlint.fix.plain import put, put_above, source
from exportlint.fix.site import Site
from exportlint.source.remembered import below


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs the use of an attribute of `self` in a branch that tests it with `is not None`."""
    node = site.syntax(ast.expr)
    branch = _branch(site, node) if node is not None else None
    if node is None or branch is None:
        return None
    attribute = branch.test.left
    inside = [branch.test, *branch.body]
    uses = [one for part in inside for one in ast.walk(part) if ast.dump(one) == ast.dump(attribute)]
    if not any(one in uses for one in ast.walk(node)):
        return None
    if any(_assigns(one, attribute.attr) for part in inside for one in ast.walk(part)):
        return None
    name = fresh(site, attribute.attr.strip("_"))
    edits = [put(site, one, name) for one in uses]
    first = put_above(site, branch, f"{name} = {source(site, attribute)}")
    return Fix(f"test and use a local `{name}`", (first, *edits), _is_settled(site, attribute))


def _branch(site: Site, node: ast.AST) -> ast.If | None:
    """The innermost `if self.name is not None` around a node of its body."""
    inner, outer = node, site.whole(node)
    while outer is not None:
        if isinstance(outer, ast.If) and inner in outer.body and _tests_attribute(outer.test):
            return outer
        inner, outer = outer, site.whole(outer)
    return None


def _tests_attribute(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.IsNot) or len(test.ops) != 1:
        return False
    none = test.comparators[0]
    own = (
        isinstance(test.left, ast.Attribute) and isinstance(test.left.value, ast.Name) and test.left.value.id == "self"
    )
    return own and isinstance(none, ast.Constant) and none.value is None


def _assigns(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name and not isinstance(node.ctx, ast.Load)


def _is_settled(site: Site, attribute: ast.Attribute) -> bool:
    """Whether all that the file says of the name is assignments in constructors: no method, and no other assignment."""
    tree = site.module.tree
    functions = [node for node in below(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    constructors = {inner for one in functions if one.name == "__init__" for inner in ast.walk(one)}
    assigned = [node for node in below(tree) if _assigns(node, attribute.attr)]
    names = {one.name for one in functions}
    return bool(assigned) and attribute.attr not in names and all(node in constructors for node in assigned)


FIXER = Fixer("EXL409", fix)

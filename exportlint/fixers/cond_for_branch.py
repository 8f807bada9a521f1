"""A branch on a tensor that runs parts of the model becomes `torch.cond`.

## Before
```python
class Depth(nn.Module):
    def __init__(self):
        super().__init__()
        self.deep = nn.Sequential(nn.Tanh(), nn.Softplus())

    def forward(self, x: torch.Tensor):
        if x.mean() > 0:  # worth the time
            x = self.deep(x)
        return self.deep(x) if x.max() > 1 else x * 2
```

## After
```python
class Depth(nn.Module):
    def __init__(self):
        super().__init__()
        self.deep = nn.Sequential(nn.Tanh(), nn.Softplus())

    def forward(self, x: torch.Tensor):
        # worth the time
        x = torch.cond(x.mean() > 0, lambda: self.deep(x), lambda: x.clone())
        return torch.cond(x.max() > 1, lambda: self.deep(x), lambda: x * 2)
```

## Safety
Unsafe: `torch.cond` compiles both arms, in eager mode too, and raises where they give tensors of different shapes or
dtypes, where one gives its input itself (a dropout or an `nn.Identity` in eval mode does), or writes to something.
Tracing and scripting have no `torch.cond`: made where no target but `export` and `onnx` is concerned.
"""

from __future__ import annotations

import ast

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.branches import calls_own_part, choice, chosen, has_effect, is_own_part
from exportlint.fix.fixer import Fixer
from exportlint.fix.names import spelled
from exportlint.fix.site import Site
from exportlint.fix.tensors import Tensors

_TARGETS = frozenset(("export", "onnx"))


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs `a if test else b`, and an `if` whose arms return, or assign to one name; one arm calls a part."""
    cond = spelled(site, "torch.cond") if _TARGETS.issuperset(finding.targets) else None
    found = choice(site) if cond is not None else None
    if found is None or not any(calls_own_part(site.expression(arm)) for arm in (found.then, found.otherwise)):
        return None
    arms = [_arm(site, found.condition, arm) for arm in (found.then, found.otherwise)]
    if None in arms:
        return None
    value = f"{cond}({found.condition}, lambda: {arms[0]}, lambda: {arms[1]})"
    return Fix("run one arm with torch.cond", (chosen(site, found, value),), False)


def _arm(site: Site, condition: str, arm: cst.BaseExpression) -> str | None:
    """An arm as the body of a function that gives a tensor of its own; None where it may do anything else."""
    node, code = site.expression(arm), site.code(arm)
    if has_effect(node):
        return None
    tested = ast.parse(f"({condition})", mode="eval").body
    holders = [inner.value for inner in ast.walk(tested) if isinstance(inner, ast.Attribute)]
    tensors = frozenset(holder.id for holder in holders if isinstance(holder, ast.Name))
    if isinstance(node, ast.Name | ast.BinOp | ast.UnaryOp) and Tensors(site, tested).holds(node, tensors):
        return f"{code}.clone()" if isinstance(node, ast.Name) else code
    return code if is_own_part(node) or (isinstance(node, ast.BinOp) and calls_own_part(node)) else None


FIXER = Fixer("EXL101", fix)

"""A branch on a tensor becomes `torch.where` over both arms.

## Before
```python
class Scale(nn.Module):
    def forward(self, x: torch.Tensor):
        if x.sum() > 0:  # mostly bright
            y = x * 2
        else:
            y = -x
        return y.exp() if y.mean().item() < 1 else y
```

## After
```python
class Scale(nn.Module):
    def forward(self, x: torch.Tensor):
        # mostly bright
        y = torch.where(x.sum() > 0, x * 2, -x)
        return torch.where(y.mean() < 1, y.exp(), y)
```

## Safety
Unsafe: both arms are computed, which costs time, may raise in the arm that was not taken, and lets a NaN in its
gradient through. Arms of different shapes are broadcast, arms of different dtypes promoted. Arms that call the model's
own modules or methods are left for `torch.cond`.
"""

from __future__ import annotations

import ast

from exportlint.finding import Finding, Fix
from exportlint.fix.branches import Choice, calls_own_part, choice, chosen, has_effect
from exportlint.fix.fixer import Fixer
from exportlint.fix.names import spelled
from exportlint.fix.site import Site
from exportlint.fix.tensors import Tensors


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs `a if test else b`, and an `if` whose arms return, or assign to one name."""
    where = spelled(site, "torch.where")
    found = choice(site) if where is not None else None
    if found is None or not _are_tensors(site, found):
        return None
    value = f"{where}({found.condition}, {site.bare_code(found.then)}, {site.bare_code(found.otherwise)})"
    return Fix("compute both arms and choose with torch.where", (chosen(site, found, value),), False)


def _are_tensors(site: Site, choice: Choice) -> bool:
    """Whether one arm is surely a tensor and the other one too, or a number."""
    known = Tensors(site, ast.parse(f"({choice.condition})", mode="eval").body)
    values = [site.expression(arm) for arm in (choice.then, choice.otherwise)]
    if any(has_effect(value) or calls_own_part(value) for value in values):
        return False
    numbers = [_is_number(value) for value in values]
    return not all(numbers) and all(n or known.holds(value) for n, value in zip(numbers, values, strict=True))


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


FIXER = Fixer("EXL101", fix)

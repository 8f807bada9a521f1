"""`x.data` becomes `x.detach()`.

## Before
```python
class Centre(nn.Module):
    def forward(self, x: torch.Tensor):
        return x - x.data.mean()
```

## After
```python
class Centre(nn.Module):
    def forward(self, x: torch.Tensor):
        return x - x.detach().mean()
```

## Safety
Safe where the function itself shows that it is a tensor: both have the same values and neither has a gradient.
Elsewhere unsafe, since other objects have a `data` too. What is written through `.data` is left alone: it may be meant
to escape autograd's notice.
"""

from __future__ import annotations

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import as_atom
from exportlint.fix.site import Site
from exportlint.fix.tensors import Tensors

_WRITTEN = (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.Del)


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a read of `.data`."""
    node = site.at(cst.Attribute)
    if node is None or node.attr.value != "data" or _is_written(site, node):
        return None
    edit = site.replaced(node, f"{as_atom(site, node.value)}.detach()")
    return Fix("take the values with detach()", (edit,), Tensors(site).holds(site.expression(node.value)))


def _is_written(site: Site, node: cst.Attribute) -> bool:
    """Whether something is assigned to it or a part of it, or a method such as `add_` is called on it."""
    inner: cst.CSTNode = node
    for outer in site.around(node):
        if isinstance(outer, _WRITTEN):
            return inner is getattr(outer, "target", inner)
        in_place = isinstance(outer, cst.Attribute) and outer.attr.value.endswith("_")
        if in_place or not isinstance(outer, cst.Attribute | cst.Subscript | cst.Call):
            return in_place
        inner = outer
    return False


FIXER = Fixer("EXL203", fix)

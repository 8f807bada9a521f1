"""A method of tensors that TorchScript lacks becomes the operator that it stands for.

## Before
```python
class Masked(nn.Module):
    def forward(self, x: torch.Tensor):
        return torch.where(x.bool(), x, x.shape.numel() + x.nelement())
```

## After
```python
class Masked(nn.Module):
    def forward(self, x: torch.Tensor):
        return torch.where(x.to(torch.bool), x, x.numel() + x.numel())
```

## Safety
Safe where the function itself shows that it is a tensor: both compute the same. Elsewhere unsafe, since other objects
have methods of these names too.
"""

from __future__ import annotations

import ast

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.names import spelled
from exportlint.fix.plain import put_after
from exportlint.fix.site import Site
from exportlint.fix.tensors import Tensors


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs `x.bool()`, `x.nelement()` and `x.shape.numel()`."""
    call = site.syntax(ast.Call)
    if call is None or call.args or call.keywords or not isinstance(call.func, ast.Attribute):
        return None
    tensor, method = call.func.value, call.func.attr
    if method == "numel" and isinstance(tensor, ast.Attribute) and tensor.attr == "shape":
        tensor, method = tensor.value, "nelement"
    boolean = spelled(site, "torch.bool")
    written = {"nelement": ".numel()", "bool": f".to({boolean})" if boolean else None}.get(method)
    if written is None:
        return None
    edit = put_after(site, tensor, call, written)
    return Fix("call the operator", (edit,), Tensors(site).holds(tensor))


FIXER = Fixer("EXL418", fix)

"""`copy.deepcopy(x)` of a tensor becomes `x.clone()`.

## Before
```python
class Kept(nn.Module):
    def forward(self, x: torch.Tensor):
        old = copy.deepcopy(x)
        return x * 2 + old
```

## After
```python
class Kept(nn.Module):
    def forward(self, x: torch.Tensor):
        old = x.clone()
        return x * 2 + old
```

## Safety
Unsafe: the values are the same, but a clone has a gradient, and of an expanded tensor it is laid out anew.
"""

from __future__ import annotations

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import as_atom, call_of, only_argument
from exportlint.fix.site import Site
from exportlint.fix.tensors import Tensors


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a call of `copy.deepcopy` on what the function itself shows to be a tensor."""
    call = call_of(site, ("copy.deepcopy",))
    tensor = only_argument(call) if call is not None else None
    if call is None or tensor is None or not Tensors(site).holds(site.expression(tensor)):
        return None
    return Fix("copy it with clone()", (site.replaced(call, f"{as_atom(site, tensor)}.clone()"),), False)


FIXER = Fixer("EXL204", fix)

"""`len(x)` of a tensor becomes `x.shape[0]`.

## Before
```python
class Rows(nn.Module):
    def forward(self, x: torch.Tensor):
        return x.reshape(len(x), -1)
```

## After
```python
class Rows(nn.Module):
    def forward(self, x: torch.Tensor):
        return x.reshape(x.shape[0], -1)
```

## Safety
Safe where the function itself shows that the argument is a tensor, by an annotation or by what torch returns: both are
the same integer. Elsewhere the fix is unsafe, since another caller may pass a list, which has no shape.
"""

from __future__ import annotations

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import as_atom, call_of, only_argument
from exportlint.fix.site import Site
from exportlint.fix.tensors import Tensors


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a call of `len`."""
    call = call_of(site, ("len",))
    tensor = only_argument(call) if call is not None else None
    if call is None or tensor is None:
        return None
    edit = site.replaced(call, f"{as_atom(site, tensor)}.shape[0]")
    return Fix("take the size from the shape", (edit,), Tensors(site).holds(site.expression(tensor)))


FIXER = Fixer("EXL201", fix)

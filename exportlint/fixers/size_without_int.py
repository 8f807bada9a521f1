"""`int()` around a size is taken away.

## Before
```python
class Flatten(nn.Module):
    def forward(self, x: torch.Tensor):
        return x.reshape(int(x.shape[0]), int(x.size(1) * x.size(2)))
```

## After
```python
class Flatten(nn.Module):
    def forward(self, x: torch.Tensor):
        return x.reshape(x.shape[0], x.size(1) * x.size(2))
```

## Safety
Safe: sizes are integers in eager mode, and so are their sums, products and quotients with `//`. While tracing, a size
is a tensor, which `int()` turns into the example's number.
"""

from __future__ import annotations

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import call_of, in_place, only_argument
from exportlint.fix.site import Site
from exportlint.fix.sizes import is_size


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a call of `int`."""
    call = call_of(site, ("int",))
    size = only_argument(call) if call is not None else None
    if call is None or size is None or not is_size(site, site.expression(size)):
        return None
    return Fix("use the size as it is", (site.replaced(call, in_place(site, call, size)),), True)


FIXER = Fixer("EXL301", fix)

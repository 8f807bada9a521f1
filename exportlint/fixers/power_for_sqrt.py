"""The square root of a size becomes a power: `math.sqrt(n)` becomes `n ** 0.5`.

## Before
```python
class Scores(nn.Module):
    def forward(self, x: torch.Tensor):
        return x / math.sqrt(x.shape[-1])
```

## After
```python
class Scores(nn.Module):
    def forward(self, x: torch.Tensor):
        return x / x.shape[-1] ** 0.5
```

## Safety
Unsafe: for one size in a thousand the last bit differs (4,212 of the first 5 million integers with glibc). A root that
is rounded at once, `int(math.sqrt(n))`, is left alone: the rounding would make it a constant all the same.
"""

from __future__ import annotations

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import as_atom, call_of, only_argument
from exportlint.fix.names import called
from exportlint.fix.site import Site

_ROUND = ("int", "round", "math.ceil", "math.floor", "math.trunc", "numpy.ceil", "numpy.floor")
_BINDS_TIGHTER = (cst.Attribute, cst.Subscript, cst.Call, cst.Await)


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a call of `math.sqrt` or `numpy.sqrt`."""
    call = call_of(site, ("math.sqrt", "numpy.sqrt"))
    if call is None:
        return None
    size = only_argument(call)
    outside = site.parent(site.parent(call))
    if size is None or (isinstance(outside, cst.Call) and called(site, outside) in _ROUND):
        return None
    text = f"{as_atom(site, size)} ** 0.5"
    around = site.parent(call)
    power = isinstance(around, cst.BinaryOperation) and isinstance(around.operator, cst.Power)
    if (power or isinstance(around, _BINDS_TIGHTER)) and not call.lpar:
        text = f"({text})"
    return Fix("take the root as a power", (site.replaced(call, text),), False)


FIXER = Fixer("EXL301", fix)

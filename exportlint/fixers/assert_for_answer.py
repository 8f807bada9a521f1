"""The answer of a comparison is asserted, where nobody looked at it.

## Before
```python
model = Net().eval()
traced = torch.jit.trace(model, x)
y = torch.randn(3, 4)
torch.allclose(traced(y), model(y))
assert (torch.allclose(traced(y + 1), model(y + 1)), "they differ")
```

## After
```python
model = Net().eval()
traced = torch.jit.trace(model, x)
y = torch.randn(3, 4)
assert torch.allclose(traced(y), model(y))
assert torch.allclose(traced(y + 1), model(y + 1)), "they differ"
```

## Safety
Unsafe: the script stops now where they differ, which is what it was written for.
"""

from __future__ import annotations

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import call_of
from exportlint.fix.site import Site

_ANSWER = ("torch.allclose", "torch.equal", "numpy.allclose", "numpy.array_equal")
"""Comparisons that answer and raise nothing."""


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a call that is a statement, and one in `assert (call, "message")`."""
    call = call_of(site, _ANSWER)
    if call is None:
        return None
    around = site.parent(call)
    if isinstance(around, cst.Expr):
        return Fix("assert it", (site.replaced(around, f"assert {site.code(call)}"),), False)
    pair = site.parent(around)
    if not isinstance(pair, cst.Tuple) or not isinstance(site.parent(pair), cst.Assert) or len(pair.elements) != 2:
        return None
    statement = site.parent(pair)
    text = f"assert {site.code(call)}, {site.code(pair.elements[1].value)}"
    return Fix("assert it, not the pair", (site.replaced(statement, text),), False)


FIXER = Fixer("EXL813", fix)

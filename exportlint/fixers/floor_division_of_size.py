"""A size divided and rounded becomes a division of integers: `int(n / 2)` becomes `n // 2`.

## Before
```python
class Halves(nn.Module):
    def forward(self, x: torch.Tensor):
        half = math.ceil(x.shape[1] / 2)
        return x.new_zeros(int(x.shape[1] / 2) + half)
```

## After
```python
class Halves(nn.Module):
    def forward(self, x: torch.Tensor):
        half = (x.shape[1] + 1) // 2
        return x.new_zeros(x.shape[1] // 2 + half)
```

## Safety
Safe: for sizes below 2**53 and a positive integer both are the same integer. Only sizes that are written as such
(`x.shape[1]`, `x.size(1)`, a name bound to one) and their sums and products are repaired, since a negative number would
be rounded the other way. `-(-n // 2)` is avoided: ONNX divides integers towards zero.
"""

from __future__ import annotations

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import only_argument, parenthesised
from exportlint.fix.names import called
from exportlint.fix.site import Site
from exportlint.fix.sizes import is_size

_ROUNDS_UP = {"int": False, "math.floor": False, "math.trunc": False, "math.ceil": True}


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs `int(n / 2)`, `math.floor(n / 2)`, `math.trunc(n / 2)` and `math.ceil(n / 2)`."""
    call = site.at(cst.Call)
    if call is None:
        return None
    function = called(site, call)
    quotient = only_argument(call)
    if function not in _ROUNDS_UP or not isinstance(quotient, cst.BinaryOperation):
        return None
    size, divisor = quotient.left, quotient.right
    if (
        not isinstance(quotient.operator, cst.Divide)
        or not isinstance(divisor, cst.Integer)
        or not is_size(site, site.expression(size))
    ):
        return None
    if divisor.evaluated_value < 2:
        return None
    dividend = site.code(size)
    if _ROUNDS_UP[function]:
        dividend = f"({dividend} + {divisor.evaluated_value - 1})"
    text = f"{dividend} // {site.code(divisor)}"
    return Fix("divide as integers", (site.replaced(call, parenthesised(site, call, text)),), True)


FIXER = Fixer("EXL301", fix)

"""A size divided and rounded becomes a division of integers: `int(n / 2)` becomes `n // 2`.

## Before
```python
class Halves(nn.Module):
    def forward(self, x: torch.Tensor):
        half = math.ceil(x.shape[1] / 2)
        return x.new_zeros(half, int(x.shape[1] / 2))
```

## After
```python
class Halves(nn.Module):
    def forward(self, x: torch.Tensor):
        half = (x.shape[1] + 1) // 2
        return x.new_zeros(half, x.shape[1] // 2)
```

## Safety
Safe where the divisor is written as a number: for sizes below 2**53 and a positive integer both are the same integer.
Unsafe where it is a name, which must be a positive integer. Only sizes that are written as such (`x.shape[1]`,
`x.size(1)`, a name bound to one) and their sums and products are repaired, since a negative number would be rounded the
other way. `-(-n // 2)` is avoided: ONNX divides integers towards zero.
"""

from __future__ import annotations

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import call_of, only_argument, parenthesised
from exportlint.fix.names import called
from exportlint.fix.site import Site
from exportlint.fix.sizes import is_size

_ROUNDS_UP = {"int": False, "math.floor": False, "math.trunc": False, "math.ceil": True}
_GIVES_FLOAT = {"numpy.floor": False, "numpy.ceil": True}
"""Functions whose result `int()` must make an integer of."""


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs `int(n / 2)`, `math.floor(n / 2)`, `math.ceil(n / 2)`, `int(np.ceil(n / 2))` and their kin."""
    call = call_of(site, {**_ROUNDS_UP, **_GIVES_FLOAT})
    quotient = only_argument(call) if call is not None else None
    if call is None or not isinstance(quotient, cst.BinaryOperation) or not isinstance(quotient.operator, cst.Divide):
        return None
    size, divisor = quotient.left, quotient.right
    if not is_size(site, site.expression(size)) or not _divides(divisor):
        return None
    function = called(site, call)
    up = _ROUNDS_UP.get(function)
    if function in _GIVES_FLOAT:
        up, call = _GIVES_FLOAT[function], site.parent(site.parent(call))
        if not isinstance(call, cst.Call) or called(site, call) != "int":
            return None
    if up is None:
        return None
    by = site.code(divisor)
    text = f"{_raised(site, size, divisor) if up else site.code(size)} // {by}"
    return Fix(
        "divide as integers", (site.replaced(call, parenthesised(site, call, text)),), isinstance(divisor, cst.Integer)
    )


def _divides(divisor: cst.BaseExpression) -> bool:
    """Whether it is an integer from 2 up, or a name such as `stride` or `self.stride`."""
    if isinstance(divisor, cst.Attribute):
        return _divides(divisor.value)
    return isinstance(divisor, cst.Name) or (isinstance(divisor, cst.Integer) and divisor.evaluated_value > 1)


def _raised(site: Site, size: cst.BaseExpression, divisor: cst.BaseExpression) -> str:
    """The dividend with what makes the quotient round up."""
    more = f"{divisor.evaluated_value - 1}" if isinstance(divisor, cst.Integer) else f"{site.code(divisor)} - 1"
    return f"({site.code(size)} + {more})"


FIXER = Fixer("EXL301", fix)

"""A function of math on a tensor becomes the one of torch.

## Before
```python
class Normalised(nn.Module):
    def forward(self, x: torch.Tensor):
        return x / math.sqrt(x.square().sum().item())
```

## After
```python
class Normalised(nn.Module):
    def forward(self, x: torch.Tensor):
        return x / torch.sqrt(x.square().sum())
```

## Safety
Unsafe: the result is a tensor where it was a float, computed in the tensor's dtype where it was computed in float64.
"""

from __future__ import annotations

import ast

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import only_argument, without_item
from exportlint.fix.names import called, spelled
from exportlint.fix.site import Site
from exportlint.fix.tensors import Tensors

_SAME_NAME = "acos asin atan cos cosh exp expm1 log log10 log1p log2 sin sinh sqrt tan tanh"
COUNTERPARTS = {f"math.{name}": f"torch.{name}" for name in _SAME_NAME.split()}
"""Functions of one argument that give a float; math.floor and its kin give an int, which sizes and indices need."""


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs `math.sqrt(x)` and `math.sqrt(x.item())`, with the finding at either call."""
    node = site.syntax(ast.Call)
    here = (node, site.whole(node)) if node is not None else ()
    if not any(isinstance(one, ast.Call) and called(site, one) in COUNTERPARTS for one in here):
        return None
    call = site.at(cst.Call)
    if call is not None and called(site, call) not in COUNTERPARTS:
        argument = site.parent(call)
        call = site.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return None
    function = COUNTERPARTS.get(called(site, call))
    number = only_argument(call)
    name = spelled(site, function) if function else None
    if number is None or name is None:
        return None
    tensor = without_item(number)
    value = site.expression(number)
    if tensor is number and not Tensors(site, tested=value).holds(value):
        return None
    return Fix(f"compute with {function}", (site.replaced(call, f"{name}({site.code(tensor)})"),), False)


FIXER = Fixer("EXL201", fix)

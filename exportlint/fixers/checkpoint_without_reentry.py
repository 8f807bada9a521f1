"""A checkpoint gets `use_reentrant=False`.

## Before
```python
class Saving(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = nn.GELU()

    def forward(self, x: torch.Tensor):
        return torch.utils.checkpoint.checkpoint(self.act, x, use_reentrant=True)
```

## After
```python
class Saving(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = nn.GELU()

    def forward(self, x: torch.Tensor):
        return torch.utils.checkpoint.checkpoint(self.act, x, use_reentrant=False)
```

## Safety
Safe: both call the function on the same inputs, and again for the gradients.
"""

from __future__ import annotations

import ast

from exportlint.finding import Finding, Fix
from exportlint.fix.arguments import with_argument
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import call_of
from exportlint.fix.site import Site


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a call of `torch.utils.checkpoint.checkpoint` with or without `use_reentrant=True`."""
    call = call_of(site, ("torch.utils.checkpoint.checkpoint",))
    if call is None or not call.args or any(argument.star for argument in call.args):
        return None
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == "use_reentrant":
            written = isinstance(site.expression(argument.value), ast.Constant)
            return Fix(_MESSAGE, (site.replaced(argument.value, "False"),), True) if written else None
    return Fix(_MESSAGE, (with_argument(site, call, "use_reentrant=False"),), True)


_MESSAGE = "checkpoint without re-entering autograd"
FIXER = Fixer("EXL702", fix)

"""`F.dropout(x, 0.5)` gets `training=self.training`.

## Before
```python
class Head(nn.Module):
    def forward(self, x: torch.Tensor):
        return F.dropout(x, 0.5)
```

## After
```python
class Head(nn.Module):
    def forward(self, x: torch.Tensor):
        return F.dropout(x, 0.5, training=self.training)
```

## Safety
Unsafe, since it changes what eager mode computes, on purpose: after `model.eval()` nothing is dropped any more. In
training mode the same values are dropped. Only methods of a class are repaired, where there is a `self` to ask.
"""

from __future__ import annotations

import ast

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.arguments import with_argument
from exportlint.fix.fixer import Fixer
from exportlint.fix.site import Site

_MESSAGE = "let dropout follow the mode of the model"
_POSITION = 2  # of `training` among the parameters of the functions in torch.nn.functional


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a call of a function of torch.nn.functional."""
    call = site.at(cst.Call)
    receiver = _receiver(site)
    if call is None or receiver is None or any(argument.star for argument in call.args):
        return None
    mode = f"{receiver}.training"
    for position, argument in enumerate(call.args):
        if argument.keyword.value == "training" if argument.keyword else position == _POSITION:
            return Fix(_MESSAGE, (site.replaced(argument.value, mode),), False)
    if not call.args:
        return None
    return Fix(_MESSAGE, (with_argument(site, call, f"training={mode}"),), False)


def _receiver(site: Site) -> str | None:
    """The name of the model in the method around; None in a function of another kind."""
    for cls in ast.walk(site.module.tree):
        if isinstance(cls, ast.ClassDef) and site.function in cls.body:
            static = any("method" in ast.unparse(decorator) for decorator in site.function.decorator_list)
            parameters = [*site.function.args.posonlyargs, *site.function.args.args]
            return parameters[0].arg if parameters and not static else None
    return None


FIXER = Fixer("EXL601", fix)

"""A number that is taken out of a tensor to compute with tensors stays a tensor.

## Before
```python
class Share(nn.Module):
    def forward(self, x: torch.Tensor):
        return x / x.sum().item() + float(x.mean()) * x
```

## After
```python
class Share(nn.Module):
    def forward(self, x: torch.Tensor):
        return x / x.sum().detach() + x.mean().detach() * x
```

## Safety
Unsafe: the last bits of a result may differ, a float with a tensor of integers gives the default dtype where a tensor
gives its own, and on a GPU the tensor waits for nothing where the number did. `detach()` keeps the gradient away, as
the number did.
"""

from __future__ import annotations

import ast

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import as_atom, only_argument, without_item
from exportlint.fix.names import called
from exportlint.fix.site import Site
from exportlint.fix.tensors import Tensors


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs `.item()` and `float()` of a tensor beside an arithmetic operator, with a tensor on the other side."""
    node = site.syntax(ast.Call)
    around = site.whole(node) if node is not None else None
    if node is None or not isinstance(around, ast.BinOp):
        return None
    other = around.right if around.left is node else around.left
    if isinstance(other, ast.Constant) or not Tensors(site).holds(other):
        return None
    call = site.at(cst.Call)
    number = _tensor(site, node, call) if call is not None else None
    if call is None or number is None:
        return None
    edit = site.replaced(call, f"{as_atom(site, number)}.detach()")
    return Fix("compute with the tensor", (edit,), False)


def _tensor(site: Site, node: ast.Call, call: cst.Call) -> cst.BaseExpression | None:
    """The tensor that the call takes the number from."""
    if called(site, node) == "float":
        argument = only_argument(call)
        return argument if argument is not None and Tensors(site).holds(site.expression(argument)) else None
    tensor = without_item(call)
    return tensor if tensor is not call else None


FIXER = Fixer("EXL201", fix)

"""A function of numpy on a tensor becomes the one of torch.

## Before
```python
class Energy(nn.Module):
    def forward(self, x: torch.Tensor):
        size = torch.from_numpy(np.exp(x.detach().numpy()))
        return size + np.square(x)
```

## After
```python
class Energy(nn.Module):
    def forward(self, x: torch.Tensor):
        size = torch.exp(x.detach())
        return size + torch.square(x)
```

## Safety
Unsafe: the last bits of a float may differ, and for integers numpy computes in float64 where torch computes in float32.
"""

from __future__ import annotations

import ast

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.forms import only_argument
from exportlint.fix.names import called, spelled
from exportlint.fix.site import Site
from exportlint.fix.tensors import Tensors

_SAME_NAME = "abs ceil cos cosh exp expm1 floor log log10 log1p log2 sign sin sinh sqrt square tan tanh trunc"
COUNTERPARTS = {f"numpy.{name}": f"torch.{name}" for name in _SAME_NAME.split()} | {
    "numpy.absolute": "torch.abs",
    "numpy.arccos": "torch.acos",
    "numpy.arcsin": "torch.asin",
    "numpy.arctan": "torch.atan",
    "numpy.negative": "torch.neg",
    "numpy.rint": "torch.round",
}
"""Functions of one argument that give the same shape, and the same dtype for floats, measured in tests/fix."""

_WRAPPERS = ("torch.from_numpy", "torch.as_tensor", "torch.tensor")


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs `np.exp(x)`, and `torch.from_numpy(np.exp(x.numpy()))` with the finding at any of its calls."""
    node = site.syntax(ast.Call)
    here = (node, site.whole(node)) if node is not None else ()
    if not any(isinstance(one, ast.Call) and called(site, one) in COUNTERPARTS for one in here):
        return None
    call = site.at(cst.Call)
    if call is None:
        return None
    taken_out = isinstance(call.func, cst.Attribute) and call.func.attr.value == "numpy" and not call.args
    whole = _call_around(site, call) if taken_out else call
    function = COUNTERPARTS.get(called(site, whole)) if whole is not None else None
    argument = only_argument(whole) if function and whole is not None else None
    name = spelled(site, function) if function else None
    if whole is None or argument is None or name is None:
        return None
    tensor = _tensor(argument)
    if tensor is argument:
        if not Tensors(site).holds(site.expression(argument)):
            return None
    else:
        wrapper = _call_around(site, whole)
        if wrapper is None or called(site, wrapper) not in _WRAPPERS:
            return None
        whole = wrapper
    return Fix(f"compute with {function}", (site.replaced(whole, f"{name}({site.code(tensor)})"),), False)


def _call_around(site: Site, node: cst.BaseExpression) -> cst.Call | None:
    """The call whose only argument a node is."""
    argument = site.parent(node)
    call = site.parent(argument) if isinstance(argument, cst.Arg) else None
    return call if isinstance(call, cst.Call) and only_argument(call) is node else None


def _tensor(argument: cst.BaseExpression) -> cst.BaseExpression:
    """The tensor that `.numpy()` is called on, else the argument itself."""
    called = isinstance(argument, cst.Call) and isinstance(argument.func, cst.Attribute) and not argument.args
    return argument.func.value if called and argument.func.attr.value == "numpy" else argument


FIXER = Fixer("EXL202", fix)

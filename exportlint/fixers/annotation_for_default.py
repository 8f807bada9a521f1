"""A parameter is annotated as its default says: `steps=3` becomes `steps: int = 3`.

## Before
```python
class Repeat(nn.Module):
    def forward(self, x: torch.Tensor, steps=3, scale: float = None):
        for _ in range(steps):
            x = x * 2
        return x if scale is None else x * scale
```

## After
```python
class Repeat(nn.Module):
    def forward(self, x: torch.Tensor, steps: int = 3, scale: float | None = None):
        for _ in range(steps):
            x = x * 2
        return x if scale is None else x * scale
```
`Optional[float]` where the file imports Optional.

## Safety
Safe: eager mode reads no annotation. Decorated functions are left alone: a decorator may read annotations.
"""

from __future__ import annotations

import ast

import libcst as cst

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.names import spelled
from exportlint.fix.site import Site

_TYPES = ("int", "float", "bool", "str")


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a parameter with a default, of the function around."""
    parameter = site.starting(cst.Param)
    if parameter is None or parameter.default is None or site.function.decorator_list:
        return None
    default = site.expression(parameter.default)
    if isinstance(default, ast.UnaryOp):
        default = default.operand  # -1
    if not isinstance(default, ast.Constant):
        return None
    if parameter.annotation is not None:
        return _with_none(site, parameter) if default.value is None else None
    kind = type(default.value).__name__
    return _declared(site, parameter, kind) if kind in _TYPES else None


def _declared(site: Site, parameter: cst.Param, kind: str) -> Fix:
    name = parameter.name.value
    text = f"{name}: {kind} = {site.code(parameter.default)}"
    return Fix(f"declare `{name}: {kind}`", (site.replaced(parameter.name, text, parameter.default),), True)


def _with_none(site: Site, parameter: cst.Param) -> Fix | None:
    """The declared type or None; nothing for what stands in quotes or is no type, such as `callable`."""
    annotation = parameter.annotation.annotation
    declared = site.code(annotation)
    if declared not in _TYPES:
        return None
    optional = spelled(site, "typing.Optional")
    text = f"{optional}[{declared}]" if optional else f"{declared} | None"
    return Fix(f"declare that `{parameter.name.value}` may be None", (site.replaced(annotation, text),), True)


FIXER = Fixer("EXL401", fix)

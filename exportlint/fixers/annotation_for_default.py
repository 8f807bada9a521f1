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
from exportlint.fix.names import dotted, spelled
from exportlint.fix.site import Site

_TYPES = {"torch.Tensor", "int", "float", "bool", "str"}
_CONTAINERS = {"list", "tuple", "dict", "typing.List", "typing.Tuple", "typing.Dict"}
"""Names that `|` can be written behind: torch 2.9 needs Python 3.10, where all types have it."""


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
    """The declared type or None; nothing for what is no type, such as `callable`, or stands in quotes."""
    annotation = parameter.annotation.annotation
    if not _is_type(site, site.expression(annotation)):
        return None
    edit = site.replaced(annotation, _optional(site, site.code(annotation)))
    return Fix(f"declare that `{parameter.name.value}` may be None", (edit,), True)


def _optional(site: Site, declared: str) -> str:
    optional = spelled(site, "typing.Optional")
    return f"{optional}[{declared}]" if optional else f"{declared} | None"


def _is_type(site: Site, node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _named(site, node.value) in _CONTAINERS and all(_is_type(site, part) for part in inner)
    return _named(site, node) in _TYPES


def _named(site: Site, node: ast.expr) -> str:
    return dotted(site, node) or (node.id if isinstance(node, ast.Name) else "")


FIXER = Fixer("EXL401", fix)

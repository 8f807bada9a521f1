"""A parameter whose default is None is declared to take None.

## Before
```python
class Masked(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.Tensor = None):
        return x if mask is None else x * mask
```

## After
```python
class Masked(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None):
        return x if mask is None else x * mask
```
`Optional[torch.Tensor]` where the file imports Optional.

## Safety
Safe: eager mode reads no annotation. Unsafe without an annotation, where it is a guess that the parameter is a tensor.
Decorated functions are left alone, since a decorator may read annotations.
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
    """Repairs a parameter of the function around."""
    parameter = site.starting(cst.Param)
    if parameter is None or site.function.decorator_list or parameter.star or not _is_none(parameter.default):
        return None
    if parameter.annotation is None:
        declared = spelled(site, "torch.Tensor")
        if declared is None:
            return None
        edit = site.replaced(parameter.name, f"{parameter.name.value}: {_optional(site, declared)}")
        return Fix(f"declare `{parameter.name.value}` an optional tensor", (edit,), False)
    annotation = parameter.annotation.annotation
    if not _is_type(site, site.expression(annotation)):
        return None
    edit = site.replaced(annotation, _optional(site, site.code(annotation)))
    return Fix(f"declare that `{parameter.name.value}` may be None", (edit,), True)


def _optional(site: Site, declared: str) -> str:
    optional = spelled(site, "typing.Optional")
    return f"{optional}[{declared}]" if optional else f"{declared} | None"


def _is_none(default: cst.BaseExpression | None) -> bool:
    return isinstance(default, cst.Name) and default.value == "None"


def _is_type(site: Site, node: ast.expr) -> bool:
    """Whether an annotation is a type that TorchScript knows, and no text."""
    if isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _named(site, node.value) in _CONTAINERS and all(_is_type(site, part) for part in inner)
    return _named(site, node) in _TYPES


def _named(site: Site, node: ast.expr) -> str:
    return dotted(site, node) or (node.id if isinstance(node, ast.Name) else "")


FIXER = Fixer("EXL401", fix)

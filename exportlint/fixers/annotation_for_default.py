"""A parameter is annotated as its default says: `steps=3` becomes `steps: int = 3`, and what may be None Optional.

## Before
```python
class Repeat(nn.Module):
    def forward(self, x: torch.Tensor, steps=3, scale: float = None, shift=None):
        for _ in range(steps):
            x = x * 2
        if shift is not None:
            x = x + shift.reshape(1, -1)
        return x if scale is None else x * scale
```

## After
```python
class Repeat(nn.Module):
    def forward(self, x: torch.Tensor, steps: int = 3, scale: float | None = None, shift: torch.Tensor | None = None):
        for _ in range(steps):
            x = x * 2
        if shift is not None:
            x = x + shift.reshape(1, -1)
        return x if scale is None else x * scale
```
`Optional[float]` where the file imports Optional. Without annotation a default of None says no type: it is a tensor
where the function calls methods on it, or reads attributes, that tensors have and texts, lists and dicts have not.

## Safety
Safe: eager mode reads no annotation. Decorated functions are left alone: a decorator may read annotations.
"""

from __future__ import annotations

import ast

from exportlint.finding import Finding, Fix
from exportlint.fix.fixer import Fixer
from exportlint.fix.names import dotted, spelled
from exportlint.fix.plain import put, put_between, source
from exportlint.fix.site import Site
from exportlint.fix.tensors import is_tensor_method

_TYPES = ("int", "float", "bool", "str")
_GENERIC = ("list", "dict", "tuple", "typing.List", "typing.Dict", "typing.Tuple")
_ATTRIBUTES = frozenset(["shape", "dtype", "device", "ndim"])
_ELSEWHERE = frozenset(name for kind in (str, list, dict, tuple, set) for name in dir(kind))


def fix(finding: Finding, site: Site) -> Fix | None:
    """Repairs a parameter with a default, of the function around."""
    parameter = site.syntax(ast.arg)
    function = site.function
    if parameter is None or not isinstance(function, ast.FunctionDef) or function.decorator_list:
        return None
    default = _default(function, parameter)
    if default is None:
        return None
    if parameter.annotation is not None:
        return _with_none(site, parameter) if isinstance(default, ast.Constant) and default.value is None else None
    kind = _kind(default) or (_tensor(site, parameter.arg) if ast.unparse(default) == "None" else None)
    if kind is None:
        return None
    edit = put_between(site, parameter, default, f": {kind} = ")
    return Fix(f"declare `{parameter.arg}: {kind}`", (edit,), True)


def _default(function: ast.FunctionDef, parameter: ast.arg) -> ast.expr | None:
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    with_default = positional[len(positional) - len(given.defaults) :]
    pairs = [*zip(with_default, given.defaults, strict=True), *zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    return next((default for one, default in pairs if one is parameter), None)


def _kind(default: ast.expr) -> str | None:
    """The type of a constant; None for what is no constant, and for None."""
    if isinstance(default, ast.UnaryOp):
        default = default.operand  # -1
    if not isinstance(default, ast.Constant):
        return None
    kind = type(default.value).__name__
    return kind if kind in _TYPES else None


def _tensor(site: Site, name: str) -> str | None:
    """How the file says that a name may be a tensor or None; None where its use in the function does not show that."""
    tensor = spelled(site, "torch.Tensor")
    used = {
        node.attr
        for node in ast.walk(site.function)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    }
    own = {attribute for attribute in used if attribute in _ATTRIBUTES or is_tensor_method(attribute)}
    shown = own == used and bool(own - _ELSEWHERE)
    return _optional(site, tensor) if tensor and shown and not _is_taken_for_more(site, name) else None


def _is_taken_for_more(site: Site, name: str) -> bool:
    """Whether a name is called, or asked for its type, as no tensor would be."""
    for node in ast.walk(site.function):
        if isinstance(node, ast.Call):
            asked = isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "type", "callable")
            inside = [node.func, *(node.args if asked else ())]
            if any(isinstance(one, ast.Name) and one.id == name for one in inside):
                return True
    return False


def _with_none(site: Site, parameter: ast.arg) -> Fix | None:
    """The declared type or None; nothing for what stands in quotes or is no type of TorchScript, such as `callable`."""
    annotation = parameter.annotation
    head = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    name = dotted(site, head) or (head.id if isinstance(head, ast.Name) else "")
    known = _GENERIC if head is not annotation else (*_TYPES, "torch.Tensor")
    if name not in known:
        return None
    text = _optional(site, source(site, annotation))
    edit = put(site, annotation, text)
    return Fix(f"declare that `{parameter.arg}` may be None", (edit,), True)


def _optional(site: Site, declared: str) -> str:
    optional = spelled(site, "typing.Optional")
    return f"{optional}[{declared}]" if optional else f"{declared} | None"


FIXER = Fixer("EXL401", fix)

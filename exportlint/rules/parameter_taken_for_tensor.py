"""Scripting takes a parameter without annotation for a tensor.

## What it does
Reports parameters of functions that `torch.jit.script` would compile, which have no annotation and a default, or an
argument, that is no tensor; and parameters annotated as something else than Optional whose default is None.

## Why it breaks
TorchScript types a parameter without annotation as Tensor. `steps=3` then fails where the int is used as one, or where
a caller passes it; `mask=None` without Optional fails at `mask is not None`, or silently takes the None branch away.

## Example
```python
class Repeat(nn.Module):
    def forward(self, x: torch.Tensor, steps=3):
        for _ in range(steps):
            x = x * 2
        return x
```

## Use instead
```python
class Repeat(nn.Module):
    def forward(self, x: torch.Tensor, steps: int = 3):
        for _ in range(steps):
            x = x * 2
        return x
```
`Optional[torch.Tensor]` for a tensor that may be None.

## When it is no problem
Functions that scripting does not reach, or that are decorated with `torch.jit.ignore` or `torch.jit.unused`; the other
ways to export read no annotations.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import Parameter, related_to
from exportlint.rule import Context, Rule, severity

_TYPES = {"int", "float", "bool", "str"}


def check(event: Parameter, context: Context) -> Iterator[Finding]:
    """A type is missing, or is not that of the default."""
    targets = event.targets.intersection(("script",), context.targets)
    if not targets or event.kind is None:
        return
    if event.annotation is None:
        message = (
            f"`{event.name}` has no annotation, so TorchScript takes it for a tensor; its default is `{event.default}`"
        )
        help = f"annotate it: `{event.name}: {event.kind if event.kind in _TYPES else 'Optional[...]'}`"
    elif event.kind == "None":
        message = f"`{event.name}` is declared {event.annotation} and its default is None"
        help = f"declare it Optional[{event.annotation}]"
    else:
        message = f"`{event.name}` is declared {event.annotation} and its default is a {event.kind}"
        help = f"write a default of the type {event.annotation}"
    level = severity(event, Severity.WARNING if event.tested and event.kind == "None" else Severity.ERROR)
    related = related_to(event.header, *event.tested)
    yield RULE.finding(
        event.span, event.symbol, message, help, tuple(targets), level, event.confidence, related=related
    )


RULE = Rule("EXL401", "parameter-taken-for-tensor", ("script",), (Parameter,), check)

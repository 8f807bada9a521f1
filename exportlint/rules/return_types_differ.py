"""A function returns values of different types.

## What it does
Reports a `return` whose type is another than that of an earlier one, or than the declared one, in functions that
scripting compiles.

## Why it breaks
A TorchScript function has one return type. A value or None becomes Optional; nothing else is joined.

## Example
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        if x.dim() > 2:
            return x, x * 2
        return x
```

## Use instead
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        if x.dim() > 2:
            return x, x * 2
        return x, x
```

## When it is no problem
A branch that is settled while compiling, on None, isinstance, `torch.jit.is_scripting()` or a Final attribute: the
return in it does not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("return-type",)
HELP = "return the same structure on every path"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"the function returns different types: {event.detail}"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL412", "return-types-differ", ("script",), (ScriptFault,), check)

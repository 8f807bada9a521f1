"""A variable has different types on different paths.

## What it does
Reports variables that two branches leave with different types or that one leaves unset, that an inner block gives
another type, conditional expressions of two types, and containers that get a value of another type.

## Why it breaks
A TorchScript variable has one type from the block on that makes it. `[]` is a list of tensors and `{}` a dict from
str to tensor unless annotated.

## Example
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        total = None
        for i in range(3):
            total = x * i if total is None else total + x * i
        return total
```

## Use instead
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        total = torch.zeros_like(x)
        for i in range(3):
            total = total + x * i
        return total
```

## When it is no problem
Variables set anew in the same block; branches that are settled while compiling.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("variable-type", "container-type")
HELP = "use another name for the other type, or annotate where it is first set"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail}; a TorchScript variable has one type"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL411", "variable-changes-type", ("script",), (ScriptFault,), check)

"""Python looks at types or names while the model runs.

## What it does
Reports `type(x)`, `getattr` and `hasattr` with computed names, `setattr`, `callable`, isinstance with types that
TorchScript lacks, and loops over `parameters()`, in code that scripting compiles.

## Why it breaks
Types are settled when TorchScript compiles; there are no type objects to compare and no names to look up afterwards.

## Example
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        if type(x) is dict:
            return x["a"]
        return x * 2
```

## Use instead
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        if isinstance(x, torch.Tensor):
            return x * 2
        return x
```

## When it is no problem
`getattr(self, "name")` and `hasattr(self, "name")` with a literal are resolved while compiling; so is isinstance with
Tensor, int, float, bool, str, list and tuple.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("reflection",)
HELP = "use isinstance with torch types, or decide it in the constructor"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail} is decided by Python while the model runs; TorchScript has no such thing"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL407", "type-reflection", ("script",), (ScriptFault,), check)

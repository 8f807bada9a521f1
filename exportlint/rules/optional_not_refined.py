"""What may be None is used as if it were not.

## What it does
Reports values declared Optional that are used in an operation, a call, a condition or a loop where TorchScript still
takes them for Optional: an attribute tested in place, `if mask:`, `mask or x`.

## Why it breaks
TorchScript learns from `is not None` for local variables only: an attribute may be another object by the time it is
used. And no Optional has a truth value.

## Example
```python
class Net(nn.Module):
    bias: Optional[torch.Tensor]

    def __init__(self):
        super().__init__()
        self.bias = torch.ones(8)

    def forward(self, x: torch.Tensor):
        if self.bias is not None:
            return x + self.bias
        return x
```

## Use instead
```python
class Net(nn.Module):
    bias: Optional[torch.Tensor]

    def __init__(self):
        super().__init__()
        self.bias = torch.ones(8)

    def forward(self, x: torch.Tensor):
        bias = self.bias
        if bias is not None:
            return x + bias
        return x
```

## When it is no problem
Attributes that no annotation makes Optional: torch takes the type of the value they have, and a branch on None is
settled while it compiles.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("optional",)
HELP = "assign it to a local variable and test that one with `is not None`"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail}: TorchScript does not know that it is not None here"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL409", "optional-not-refined", ("script",), (ScriptFault,), check)

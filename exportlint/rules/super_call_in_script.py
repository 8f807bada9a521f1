"""Compiled code calls a method through super().

## What it does
Reports `super().method(...)` outside constructors, in code that scripting compiles.

## Why it breaks
TorchScript compiles one flat type a module; it has no classes above it to look a method up in.

## Example
```python
class Base(nn.Module):
    def forward(self, x: torch.Tensor):
        return x * 2


class Net(Base):
    def forward(self, x: torch.Tensor):
        return super().forward(x) + 1
```

## Use instead
```python
class Base(nn.Module):
    def doubled(self, x: torch.Tensor):
        return x * 2

    def forward(self, x: torch.Tensor):
        return self.doubled(x)


class Net(Base):
    def forward(self, x: torch.Tensor):
        return self.doubled(x) + 1
```

## When it is no problem
Constructors are not compiled, so super().__init__() is fine.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("super-call",)
HELP = "give the inherited method a name of its own and call that"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"`{event.detail}`: TorchScript has no base classes to call"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL417", "super-call-in-script", ("script",), (ScriptFault,), check)

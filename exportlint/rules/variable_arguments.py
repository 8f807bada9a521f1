"""A function that scripting compiles takes `*args`, `**kwargs`, keyword-only defaults or positional-only arguments.

## What it does
Reports such parameters of forward, exported methods and all functions that they call.

## Why it breaks
A TorchScript function has a fixed list of typed parameters. Its parser stops at the first that is open, even when
nothing is ever passed for it. Parameters before `/` it forgets, and then knows no such variable.

## Example
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor, **options):
        return x * 2
```

## Use instead
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor, scale: float = 2.0):
        return x * scale
```

## When it is no problem
Functions that scripting does not reach, or that are decorated with `torch.jit.ignore` or `torch.jit.unused`.
Keyword-only arguments without a default are fine.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("variable-arguments",)
HELP = "name each parameter with its type, or keep the function out of forward"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail}: a TorchScript function has a fixed list of parameters"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL402", "variable-arguments", ("script",), (ScriptFault,), check)

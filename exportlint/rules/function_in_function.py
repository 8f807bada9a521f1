"""A lambda, a function or a class is made inside code that scripting compiles.

## What it does
Reports lambdas, nested functions and classes in forward and in what it calls, dead branches included.

## Why it breaks
TorchScript has neither closures nor functions as values. Its parser stops there, also in a branch that is never
taken.

## Example
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        first, second = map(lambda half: half * 2, x.chunk(2))
        return first + second
```

## Use instead
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        first, second = x.chunk(2)
        return first * 2 + second * 2
```

## When it is no problem
Functions that scripting does not reach, or that are decorated with `torch.jit.ignore` or `torch.jit.unused`.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("nested-function",)
HELP = "make it a method or a function at the top of the module"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail} in code that torch.jit.script compiles"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL403", "function-in-function", ("script",), (ScriptFault,), check)

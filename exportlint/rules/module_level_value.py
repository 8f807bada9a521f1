"""Compiled code reads a value of the module.

## What it does
Reports numbers, strings, lists, dicts, dtypes, tensors and loggers bound at the top of a module, computed or not, and
numbers imported by name (`from math import pi`), used in code that scripting compiles.

## Why it breaks
torch.jit.script takes functions, classes and modules from around a function, but no values: it could not tell when
they change.

## Example
```python
SCALE = 2


class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return x * SCALE
```

## Use instead
```python
SCALE = 2


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = SCALE

    def forward(self, x: torch.Tensor):
        return x * self.scale
```

## When it is no problem
Constants read as attributes of a module, such as `math.pi`; values used in the constructor.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("global-value",)
HELP = "make it an attribute of the model, or a default of a parameter"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail}, which torch.jit.script does not take into compiled code"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL415", "module-level-value", ("script",), (ScriptFault,), check)

"""An attribute that TorchScript cannot hold is used.

## What it does
Reports the use of attributes that are lambdas, functools.partial, classes, methods of objects, empty or mixed lists and
dicts, sets, class variables, and attributes that forward makes or that change their type. Also of attributes that the
constructor sets for some arguments only, and not as the model is declared, or by default (a warning).

## Why it breaks
torch.jit.script gives each attribute the type of its value after the constructor. What has no such type is left out,
and using it is an error.

## Example
```python
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = lambda x: x * 2

    def forward(self, x: torch.Tensor):
        return self.scale(x)
```

## Use instead
```python
class Net(nn.Module):
    def scale(self, x: torch.Tensor):
        return x * 2

    def forward(self, x: torch.Tensor):
        return self.scale(x)
```

## When it is no problem
Attributes that compiled code does not use; empty lists and dicts whose type the class body declares; attributes that
are None where they are not needed, used behind `is not None`, and those asked for with `hasattr`.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault, related_to
from exportlint.rule import Context, Rule, severity

REASONS = ("attribute",)
HELP = "make it a method, a module, a tensor or a number, or declare its type in the class body"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail}, cannot be used: torch.jit.script leaves the attribute out"
        related = related_to(*event.other)
        level = severity(event)
        yield RULE.finding(
            event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence, related=related
        )


RULE = Rule("EXL410", "attribute-not-scriptable", ("script",), (ScriptFault,), check)

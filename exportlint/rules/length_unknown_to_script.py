"""A list is expanded where TorchScript must know its length.

## What it does
Reports `*sizes` in calls and literals where the value is a list (a shape is one), `tuple()` of a list, unpacking with
a star, and `**` in calls and dicts.

## Why it breaks
A list in TorchScript has no length that the compiler knows, and calls have a fixed number of arguments. Keyword
expansion is refused by the parser.

## Example
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return x.reshape(*x.shape[:1], -1)
```

## Use instead
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return x.flatten(1)
```

## When it is no problem
A tuple can be expanded, since its type says how many values it has. Functions that scripting does not reach, or that
are decorated with `torch.jit.ignore` or `torch.jit.unused`.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("star-expansion", "list-length")
HELP = "pass the list itself, x.reshape(sizes), or name each value"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail}: TorchScript must know how many values there are"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL405", "length-unknown-to-script", ("script",), (ScriptFault,), check)

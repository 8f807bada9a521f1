"""A decorator hides the names that a compiled function uses.

## What it does
Reports functions under `torch.no_grad`, `torch.autocast`, `torch.compile` and their like that use names of their
module; and names, under a decorator of another file that wraps with `functools.wraps`, which that file has not.

## Why it breaks
torch.jit.script reads the source of the function but looks its names up where the wrapper was written: in a file of
torch, where `F` or a helper is something else or nothing.

## Example
```python
class Net(nn.Module):
    @torch.no_grad()
    def forward(self, x: torch.Tensor):
        return F.relu(x)
```

## Use instead
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        with torch.no_grad():
            return F.relu(x)
```

## When it is no problem
Functions that use nothing but their arguments.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("wrapped-function",)
HELP = "use `with` inside the function instead of the decorator"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail} from torch.jit.script, which looks names up at the wrapper"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL416", "wrapped-function-names", ("script",), (ScriptFault,), check)

"""A forward hook that scripting cannot compile.

## What it does
Reports lambdas, methods and functions without types registered as forward hooks or forward pre-hooks in a
constructor.

## Why it breaks
torch.jit.script compiles the hooks of every module it meets. A lambda has no source of its own, a method has one
parameter too many, and the inputs must be declared as a tuple.

## Example
```python
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(8, 8)
        self.layer.register_forward_hook(lambda module, inputs, output: None)

    def forward(self, x: torch.Tensor):
        return self.layer(x)
```

## Use instead
```python
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(8, 8)

    def forward(self, x: torch.Tensor):
        return self.layer(x)
```

## When it is no problem
Hooks of the backward pass, and hooks removed before scripting.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("hook",)
HELP = "remove the hook before scripting, or type it: Tuple[torch.Tensor] in, torch.Tensor out"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail} registered as a forward hook, which torch.jit.script would compile"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL408", "hook-not-scriptable", ("script",), (ScriptFault,), check)

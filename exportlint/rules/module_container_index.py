"""A ModuleList or ModuleDict is indexed with something else than a literal.

## What it does
Reports `self.layers[i]` with a variable, `self.blocks[name]`, modules taken from a slice, `reversed(self.layers)`,
and `break` or `continue` in a loop over modules; containers that are called, and other modules that are indexed or
looped over.

## Why it breaks
Each module has a type of its own, so the compiler unrolls loops over containers and must know which module an index
means while it compiles.

## Example
```python
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)])

    def forward(self, x: torch.Tensor):
        for i in range(2):
            x = self.layers[i](x)
        return x
```

## Use instead
```python
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)])

    def forward(self, x: torch.Tensor):
        for layer in self.layers:
            x = layer(x)
        return x
```

## When it is no problem
Integer and string literals, `enumerate(self.layers)`, `zip` of two containers and `self.blocks.items()`. A variable
annotated with a `torch.jit.interface` may come from any index.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("module-container",)
HELP = "loop over the container itself, with enumerate or zip where the index is needed"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail}; TorchScript must know each module while it compiles"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL406", "module-container-index", ("script",), (ScriptFault,), check)

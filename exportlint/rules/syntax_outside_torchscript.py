"""A statement or expression that TorchScript does not have.

## What it does
Reports `try`, `yield`, `import`, `global`, `match`, `:=`, sets, comprehensions with `if` or several `for`, f-strings
with a format, `else` of loops, `//=`, deleted attributes and context managers that torch does not know, in code that
scripting compiles.

## Why it breaks
The parser of torch.jit.script has builders for a part of Python and stops at the first node without one, wherever it
stands: a branch that is never taken is parsed too.

## Example
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        rows = [x[i] for i in range(2) if i != 1]
        return torch.stack(rows)
```

## Use instead
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        rows: list[torch.Tensor] = []
        for i in range(2):
            if i != 1:
                rows.append(x[i])
        return torch.stack(rows)
```

## When it is no problem
Functions that scripting does not reach, or that are decorated with `torch.jit.ignore` or `torch.jit.unused`.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("unsupported-syntax",)
HELP = "write it with plain statements, or move it out of forward"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail} is not in TorchScript"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL404", "syntax-outside-torchscript", ("script",), (ScriptFault,), check)

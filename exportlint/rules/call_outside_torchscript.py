"""Code that scripting compiles calls what TorchScript does not have.

## What it does
Reports calls of other libraries (einops, numpy on constants, time, random, itertools), of builtins and functions of
math and torch that TorchScript lacks, of checkpointing, and modules made while the model runs.

## Why it breaks
torch.jit.script compiles what it can read: a function of another library usually holds what it cannot, and a builtin
is known by name or not at all.

## Example
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return x * math.prod([2, 3])
```

## Use instead
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return x * (2 * 3)
```

## When it is no problem
einops has layers for all its functions, which are scriptable. `warnings.warn`, `print` and most of math are known.
Functions that scripting does not reach, or that are decorated with `torch.jit.ignore` or `torch.jit.unused`.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("call-outside",)
HELP = "use a torch function, or compute it in the constructor"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail} is not in TorchScript"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL414", "call-outside-torchscript", ("script",), (ScriptFault,), check)

"""A custom torch.autograd.Function runs in the forward path.

## What it does
Reports `MyFunction.apply(x)` in code that an export runs through.

## Why it breaks
A trace records the call of the Python function, which `torch.jit.save` cannot write: "Could not export Python function
call". `torch.jit.script` compiles the call too, and fails at the same place.

## Example
```python
class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2


class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return Double.apply(x)
```

## Use instead
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return x * 2
```
Its backward is for training only: call what its forward does, at least under `torch.jit.is_tracing()`.

## When it is no problem
`torch.export` and both ONNX exporters look into the function. A trace that is never saved runs in its own process.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import AutogradCall
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "script")
HELP = "call what its forward does; the exported file needs no backward"


def check(event: AutogradCall, context: Context) -> Iterator[Finding]:
    """A warning, since what is never saved runs."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets:
        message = f"`{event.name}.apply` is a Python function, which TorchScript cannot save"
        level = severity(event, Severity.WARNING)
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence)


RULE = Rule("EXL703", "autograd-function", TARGETS, (AutogradCall,), check)

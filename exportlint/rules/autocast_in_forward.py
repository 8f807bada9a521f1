"""The forward path switches autocast to bfloat16 on.

## What it does
Reports `torch.autocast("cpu")`, whose default is bfloat16, in code that an export runs through.

## Why it breaks
Both ONNX exporters write what autocast does: products and convolutions in bfloat16. ONNX Runtime has no such kernels on
a CPU and does not load the file; where a norm follows, its weights stay float32 and the file is invalid.

## Example
```python
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x: torch.Tensor):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.linear(x)
```

## Use instead
```python
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x: torch.Tensor):
        return self.linear(x)
```
Switch autocast on around the model where it is trained or served; convert the finished file to a smaller type.

## When it is no problem
With `enabled=False`, or a flag that may be. Other targets keep the casts. Operations that autocast leaves in float32,
softmax among them, export.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import Autocast
from exportlint.rule import Context, Rule, severity

TARGETS = ("onnx", "onnx-ts")
HELP = "switch autocast on around the model, not inside it"


def check(event: Autocast, context: Context) -> Iterator[Finding]:
    """A warning, since what stands inside may be left in float32."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets and event.device == "cpu" and event.dtype in (None, "bfloat16"):
        message = "`torch.autocast` puts bfloat16 into the file, which ONNX Runtime has few kernels for"
        level = severity(event, Severity.WARNING)
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence)


RULE = Rule("EXL607", "autocast-in-forward", TARGETS, (Autocast,), check)

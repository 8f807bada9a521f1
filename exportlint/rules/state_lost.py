"""A buffer carries state from call to call.

## What it does
Reports changes of a registered buffer or parameter in the forward path: `self.count += 1`, `self.cache[i] = x`,
`self.mean.mul_(0.9)`, `self.mean = self.mean + x`; in place also of other tensors that the constructor makes.

## Why it breaks
An ONNX file is a pure function. The exporters fold the first value in, so that every call of the file starts from the
state at export time: a cache stays empty, a counter stays at one. Tracing runs the
model, so the traced file starts from a state that the run has already changed.

## Example
```python
class Count(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("count", torch.zeros(1))

    def forward(self, x: torch.Tensor):
        self.count += 1
        return x * self.count
```

## Use instead
```python
class Count(nn.Module):
    def forward(self, x: torch.Tensor, count: torch.Tensor):
        count = count + 1
        return x * count, count
```
Hand the state in and out.

## When it is no problem
`torch.export` and `torch.jit.script` keep the state. Updates under `if self.training` are not reached in eval mode. A
buffer that is replaced without a look at its old value (`self.last = x`) is not reported, nor is a part at a fixed
place that every call writes before anything reads it (`self.corners[0, 1] = x`).
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import StateWrite
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "onnx", "onnx-ts")
HELP = "hand the state in as an input and out as an output"


def check(event: StateWrite, context: Context) -> Iterator[Finding]:
    """Writes to state that is made of tensors, which ONNX has not."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets and event.form not in ("counted", "grown", "left"):
        message = f"`{event.name}` keeps a value for the next call, which the exported file loses or starts elsewhere"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL604", "state-lost", TARGETS, (StateWrite,), check)

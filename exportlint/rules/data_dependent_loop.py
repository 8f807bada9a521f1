"""The number of turns of a loop comes from the value of a tensor.

## What it does
Reports `range(...)` over a tensor, over a number taken out of one, or over a size that depends on values.

## Why it breaks
The number of turns differs from input to input. A tracer unrolls the loop for the example input and keeps that number;
`torch.export` and the ONNX exporter stop with `GuardOnDataDependentSymNode`.

## Example
```python
class Steps(nn.Module):
    def forward(self, x: torch.Tensor, steps: torch.Tensor):
        for _ in range(int(steps)):
            x = x + 1
        return x
```

## Use instead
```python
class Steps(nn.Module):
    def forward(self, x: torch.Tensor, steps: torch.Tensor):
        return x + steps
```
A closed form, a mask over the largest number of turns, or `torch.while_loop`; `torch.jit.script` keeps the loop.

## When it is no problem
A loop over a Python number that comes from the configuration. `torch.jit.script` accepts the loop over an int; tracing
it is reported where the number is taken out of the tensor.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import Iteration, related_to
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "export", "onnx", "onnx-ts")
HELP = "use a closed form or a mask over the largest number of turns; torch.jit.script keeps the loop"


def check(event: Iteration, context: Context) -> Iterator[Finding]:
    """Loops counted by values. A tracer's finding stands where the number was taken out, if that is elsewhere."""
    if event.subject != "number":
        return
    tracers = () if event.origin is not None or event.depends != "input" else ("trace", "onnx-ts")
    targets = event.targets.intersection(("export", "onnx", *tracers), context.targets)
    if targets:
        related = related_to(event.origin)
        message = f"`{event.text}` turns as often as a tensor says, which no exporter can know"
        level = severity(event)
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence, related)


RULE = Rule("EXL103", "data-dependent-loop", TARGETS, (Iteration,), check)

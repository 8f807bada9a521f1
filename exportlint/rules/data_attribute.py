"""The forward path reads or writes `.data` of a tensor.

## What it does
Reports `x.data`, read or assigned, in code that an export runs through.

## Why it breaks
`.data` hands over the values behind the back of autograd, and the exporters watch there. A tracer takes what it gives
for a constant, so the file computes with the values of the example input. A write through it is lost. `torch.export`
finds a tensor that it has never seen and stops; the ONNX exporter built on it stops too, or brings the process down.

## Example
```python
class Cut(nn.Module):
    def forward(self, x: torch.Tensor):
        x.data[:, 0] = 0
        return x * 2
```

## Use instead
```python
class Cut(nn.Module):
    def forward(self, x: torch.Tensor):
        x = x.detach().clone()
        x[:, 0] = 0
        return x * 2
```
`.detach()` stops gradients, and every exporter follows it.

## When it is no problem
`x.data.shape`, `.dtype` and `.device` take no values. `torch.jit.script` compiles a read, not an assignment. Of a
parameter or buffer the values are the same in every call, so a traced file is right.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import DataAccess
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "script", "export", "onnx", "onnx-ts")
TRACERS = ("trace", "onnx-ts")
EXPORTERS = ("export", "onnx")
HELP = "use .detach(), or nothing: an export records no gradients"


def check(event: DataAccess, context: Context) -> Iterator[Finding]:
    """Tracers freeze what depends on the input; the exporters stop at any, scripting at an assignment."""
    minded = EXPORTERS + (TRACERS if event.depends == "input" else ()) + (("script",) if event.assigned else ())
    targets = event.targets.intersection(minded, context.targets)
    if targets:
        message = f"`{event.text}` goes around the exporter: a traced file keeps the example's values, the others stop"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL203", "data-attribute", TARGETS, (DataAccess,), check)

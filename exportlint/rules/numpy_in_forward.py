"""numpy computes on tensors in the forward path.

## What it does
Reports `.numpy()` on a tensor and numpy functions that get a tensor, in code that an export runs through.

## Why it breaks
numpy is invisible to the tracer: its result enters the file as a constant of the example input. `torch.export` has no
real values to hand over and stops. TorchScript does not know numpy.

## Example
```python
class Root(nn.Module):
    def forward(self, x: torch.Tensor):
        return x + torch.from_numpy(np.sqrt(x.detach().numpy()))
```

## Use instead
```python
class Root(nn.Module):
    def forward(self, x: torch.Tensor):
        return x + torch.sqrt(x)
```
torch has a counterpart for nearly all numpy functions.

## When it is no problem
numpy on configuration and constants, outside the forward path, or on tensors that do not depend on the input when
tracing. The ONNX exporter built on `torch.export` retries in strict mode, where numpy calls are rewritten into torch
ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import Conversion, NumpyCall
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "script", "export", "onnx-ts")
HELP = "use the torch function of the same name, or move it out of the forward path"


def check(event: Conversion | NumpyCall, context: Context) -> Iterator[Finding]:
    """Tensors handed to numpy. What does not depend on the input may be a constant of a traced file."""
    if isinstance(event, Conversion) and event.how != "numpy":
        return
    wanted = TARGETS if event.depends == "input" else ("script", "export")
    targets = event.targets.intersection(wanted, context.targets)
    if targets:
        what = f"`{event.text}.numpy()`" if isinstance(event, Conversion) else f"`{event.function}`"
        message = f"{what} computes outside torch; a traced file keeps its result for the example input"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL202", "numpy-in-forward", TARGETS, (Conversion, NumpyCall), check)

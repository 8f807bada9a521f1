"""Example input of another dtype than the model's weights, or on another device.

## What it does
Follows `.half()`, `.double()`, `.cuda()` and `.to(...)` of the model, and what the example inputs were made as.
Reports an export where they do not fit: float64 from numpy or `.double()` into a float32 model, float32 into a model
that is half, one on the CPU and the other on a GPU.

## Why it breaks
Eager PyTorch, tracing and TorchScript's exporter raise: "mat1 and mat2 must have the same dtype". The dynamo exporter
was seen to pass it for a linear layer and write a file that ONNX Runtime does not load.

## Example
```python
model = nn.Linear(4, 4).eval()
torch.jit.trace(model, torch.randn(2, 4).double())
```

## Use instead
```python
model = nn.Linear(4, 4).eval()
torch.jit.trace(model, torch.randn(2, 4))
```

## When it is no problem
Where the model converts its input first.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.exporting.events import Example, ExportCall
from exportlint.rule import Context, Rule

TARGETS = ("trace", "export", "onnx", "onnx-ts")
FLOATS = ("float16", "bfloat16", "float32", "float64")


def check(event: ExportCall, context: Context) -> Iterator[Finding]:
    """An error for the first example that does not fit."""
    targets = event.targets.intersection(TARGETS)
    for example in event.examples or ():
        said = _unlike(event, example) if example is not None else None
        if said and targets:
            message, help = said
            yield RULE.finding(event.span, event.symbol, message, help, tuple(targets), Severity.ERROR)
            return


def _unlike(event: ExportCall, example: Example) -> tuple[str, str] | None:
    if event.device and example.device and event.device != example.device:
        where = f"the model is on {event.device}"
        return f"{where} and the example `{example.made}` on {example.device}", f"move the example to {event.device}"
    if event.dtype in FLOATS and example.dtype in FLOATS and event.dtype != example.dtype:
        message = f"the model is {event.dtype} and the example `{example.made}` is {example.dtype}"
        return message, f"make the example as {event.dtype}"
    return None


RULE = Rule("EXL817", "example-unlike-model", TARGETS, (ExportCall,), check)

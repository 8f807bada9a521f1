"""Exported file run with a size that it was not exported for.

## What it does
Follows an exported file, or a program of torch.export, to where the same script runs it, and compares the sizes of the
inputs with those of the example. Reports a size that differs on an axis that was not exported as dynamic.

## Why it breaks
Without `dynamic_shapes` (or `dynamic_axes` with `dynamo=False`) every size of the example is written into the file.
ONNX Runtime answers another one with "Got invalid dimensions for input", a program of torch.export with "Guard
failed".

## Example
```python
import onnxruntime

model = Net().eval()
torch.onnx.export(model, (torch.randn(1, 4),), "net.onnx", input_names=["x"])
session = onnxruntime.InferenceSession("net.onnx")
session.run(None, {"x": torch.randn(8, 4).numpy()})
```

## Use instead
```python
import onnxruntime

model = Net().eval()
torch.onnx.export(model, (torch.randn(1, 4),), "net.onnx", input_names=["x"], dynamic_shapes={"x": {0: "batch"}})
session = onnxruntime.InferenceSession("net.onnx")
session.run(None, {"x": torch.randn(8, 4).numpy()})
```

## When it is no problem
Never: the run raises.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import related_to
from exportlint.flow.exporting.events import Fed, Run
from exportlint.rule import Context, Rule

TARGETS = ("export", "onnx", "onnx-ts")


def check(event: Run, context: Context) -> Iterator[Finding]:
    """An error for the first axis that differs."""
    differing = next((found for fed in event.fed if (found := _axis(fed))), None)
    if differing is None:
        return
    axis, exported, given, name = differing
    of = f"input {name!r}" if name else "the input"
    message = f"{of} has size {given} on axis {axis}, but was exported with {exported} and not as dynamic"
    help = f"export axis {axis} as dynamic, with `dynamic_shapes`"
    related = related_to(event.export)
    targets = tuple(event.targets)
    yield RULE.finding(event.span, event.symbol, message, help, targets, Severity.ERROR, event.confidence, related)


def _axis(fed: Fed) -> tuple[int, int, int, str | None] | None:
    """The first axis whose size differs from the example's: axis, size in the file, size given, name of the input."""
    if fed.dynamic is None or fed.what is None or fed.example is None:
        return None
    for axis, (given, exported) in enumerate(zip(fed.what.shape or (), fed.example.shape or (), strict=False)):
        if None not in (given, exported) and given != exported and axis not in fed.dynamic:
            return axis, exported, given, fed.name
    return None


RULE = Rule("EXL810", "fixed-size-run", TARGETS, (Run,), check)

"""ONNX file written without the model's weights.

## What it does
Reports `export_params=False` in a call of `torch.onnx.export`.

## Why it breaks
With `dynamo=True` the file names weights that it does not hold, and ONNX Runtime refuses it ("is not a graph input,
initializer, or output of a previous node"). With `dynamo=False` the weights become inputs, which every run must feed.

## Example
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", export_params=False)
```

## Use instead
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx")
```

## When it is no problem
When only the graph is looked at, or the weights are fed at each run.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.exporting.events import ExportCall
from exportlint.rule import Context, Rule

TARGETS = ("onnx", "onnx-ts")
HELP = "leave `export_params` out"


def check(event: ExportCall, context: Context) -> Iterator[Finding]:
    """A warning: somebody may want it."""
    argument = event.argument("export_params")
    if argument is not None and argument.value is False:
        message = "the file is written without weights, and ONNX Runtime does not run it as it is"
        yield RULE.finding(argument.span, event.symbol, message, HELP, tuple(event.targets), Severity.WARNING)


RULE = Rule("EXL804", "weights-left-out", TARGETS, (ExportCall,), check)

"""`dynamic_axes` given to the exporter that wants `dynamic_shapes`.

## What it does
Reports `dynamic_axes` in a call of `torch.onnx.export` whose exporter is the one built on torch.export (`dynamo=True`,
the default since torch 2.9).

## Why it breaks
The exporter turns `dynamic_axes` into `dynamic_shapes` as well as it can, and warns that the export may fail with
"Constraints violated". Names in list form (`{"x": [0]}`) are lost, axes counted from the end and axes of outputs only
are dropped without a word, a name that is no input stops the export.

## Example
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", input_names=["x"], dynamic_axes={"x": {0: "batch"}})
```

## Use instead
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", input_names=["x"], dynamic_shapes={"x": {0: "batch"}})
```
The keys are the names of forward's parameters, not those of `input_names`.

## When it is no problem
When the file that comes out has the axes that were asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.exporting.events import ExportCall
from exportlint.rule import Context, Rule

TARGETS = ("onnx",)
HELP = "give `dynamic_shapes`, keyed by the parameters of forward; `dynamic_axes` is for dynamo=False"


def check(event: ExportCall, context: Context) -> Iterator[Finding]:
    """A warning, as torch gives one."""
    argument = event.argument("dynamic_axes")
    asked = argument is not None and (not argument.known or argument.value is not None) and argument.pairs != ()
    if event.targets == {"onnx"} and asked and event.argument("dynamic_shapes") is None:
        message = "the dynamo exporter takes `dynamic_shapes`; it only guesses what `dynamic_axes` mean"
        yield RULE.finding(argument.span, event.symbol, message, HELP, TARGETS, Severity.WARNING)


RULE = Rule("EXL805", "dynamic-axes-to-dynamo", TARGETS, (ExportCall,), check)

"""Operator that the exporter cannot write at the opset asked for.

## What it does
Looks up each torch operation in the forward path, with the arguments that are known, in a table that was measured:
small models with one operation each, exported at every opset and run in ONNX Runtime. Reports the ones whose export
fails, and those whose file ONNX Runtime does not load or run.

## Why it breaks
Each ONNX opset has its own set of operators, and each exporter its own translation into them. `torch.onnx.export` stops
with "Exporting the operator ... to ONNX opset version ... is not supported" or "No ONNX function found for ...". Some
operations have a translation at a higher opset only, some only in the other exporter, some with other arguments.

## Example
```python
class Model(nn.Module):
    inputs = (torch.ones(2, 3), torch.ones(2, 3))

    def forward(self, x, y):
        return torch.hypot(x, y)
```

## Use instead
The lowest opset that works is named, and so is the other exporter, where that works. Else write the operation with
others that export:
```python
class Model(nn.Module):
    inputs = (torch.ones(2, 3), torch.ones(2, 3))

    def forward(self, x, y):
        return torch.sqrt(x * x + y * y)
```

## When it is no problem
Where you register a translation of your own (`custom_opsets`, `custom_translation_table`), or where the line runs only
outside of the export.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import OperatorCall
from exportlint.operators.support import advice, asked, support
from exportlint.rule import Context, Rule, severity

TARGETS = ("onnx", "onnx-ts")
WHAT = {
    "not-available": "has no translation to ONNX",
    "runtime-refuses": "exports, but ONNX Runtime refuses the file",
}


def check(event: OperatorCall, context: Context) -> Iterator[Finding]:
    """One finding for each exporter that the call breaks."""
    for target in event.targets.intersection(TARGETS, context.targets):
        opset = context.opset_for(target)
        found = support(event.name, asked(event), target, opset, context.torch)
        if found.status in WHAT:
            message = f"`{event.name}` {WHAT[found.status]} with {target} at opset {opset}"
            help = advice(found, target, opset)
            yield RULE.finding(event.span, event.symbol, message, help, (target,), severity(event), event.confidence)


RULE = Rule("EXL501", "operator-not-available", TARGETS, (OperatorCall,), check)

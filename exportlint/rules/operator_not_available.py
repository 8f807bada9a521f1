"""Operator that the exporter cannot write at the opset asked for.

## What it does
Looks up each torch operation in the forward path, with the arguments that are known, in a table that was measured:
small models with one operation each, exported at every opset and run in ONNX Runtime. Reports the ones whose export
fails, those whose file ONNX Runtime does not load or run, and those that keep a file at opset 18 when a lower one was
asked for.

## Why it breaks
Each ONNX opset has its own set of operators, and each exporter its own translation into them. `torch.onnx.export` stops
with "Exporting the operator ... to ONNX opset version ... is not supported" or "No ONNX function found for ...". Some
operations have a translation at a higher opset only, some only in the other exporter, some with other arguments.
`torch.onnx.export` with `dynamo=True` writes opset 18 and converts down from there; one operation that the converter
does not know keeps the whole file at 18, and the call succeeds all the same.

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
outside of the export. With `onnx-ts` also where nothing but a condition reads the result, as in a check that raises, or
where it is computed from constants: neither is in a traced file.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import OperatorCall
from exportlint.operators.lookup import measured
from exportlint.operators.names import spelled
from exportlint.operators.recipes import recipe
from exportlint.operators.support import advice, asked, no_kernel
from exportlint.rule import Context, Rule, severity

TARGETS = ("onnx", "onnx-ts")
WHAT = {
    "not-available": ("`{}` has no translation to ONNX with {} at opset {}", Severity.ERROR),
    "runtime-refuses": ("`{}` exports with {} at opset {}, but ONNX Runtime refuses the file", Severity.ERROR),
    "other-opset": ("`{}` keeps the file that {} writes at opset 18: nothing converts it to {}", Severity.WARNING),
}
"""Messages by what was measured, for the operation, the target and the opset; and how bad that is."""


def check(event: OperatorCall, context: Context) -> Iterator[Finding]:
    """One finding for each exporter that the call breaks."""
    for target in event.targets.intersection(TARGETS, context.targets):
        opset = context.written_opset
        found = measured(event, target, opset, context.torch)
        if found.status in WHAT:
            what, level = WHAT[found.status]
            message = what.format(spelled(event.name), target, opset)
            if found.status == "runtime-refuses" and no_kernel(event, target, opset, context.torch):
                message = f"`{spelled(event.name)}` exports with {target} at opset {opset}, but not for {event.dtype}: "
                message += "ONNX Runtime refuses the file, while float32 works"
            help = advice(found, target, opset, recipe(event.name, asked(event), target, opset))
            how_bad = severity(event, level)
            yield RULE.finding(event.span, event.symbol, message, help, (target,), how_bad, event.confidence)


RULE = Rule("EXL501", "operator-not-available", TARGETS, (OperatorCall,), check)

"""A custom operator in the forward path, which no ONNX exporter can translate by itself.

## What it does
Reports calls of functions under `@torch.library.custom_op` (or `triton_op`), and of `torch.ops.NAMESPACE.NAME` outside
of torch's own namespaces.

## Why it breaks
To an exporter such an operator is a closed box: neither exporter looks into the function. With `dynamo=True` the export
stops with "No ONNX function found", with `dynamo=False` at "an operator with unrecognized namespace", unless a
translation into ONNX is given. `torch.jit.script` takes the operator through `torch.ops` only: its function is Python,
"Could not export Python function call".

## Example
```python
@torch.library.custom_op("example::shifted", mutates_args=())
def shifted(x: torch.Tensor) -> torch.Tensor:
    return x + 1


@shifted.register_fake
def _(x):
    return torch.empty_like(x)


class Model(nn.Module):
    inputs = (torch.ones(2, 3),)

    def forward(self, x):
        return shifted(x)
```

## Use instead
The same with torch's operators:
```python
def shifted(x: torch.Tensor) -> torch.Tensor:
    return x + 1


class Model(nn.Module):
    inputs = (torch.ones(2, 3),)

    def forward(self, x):
        return shifted(x)
```
Or give a translation: `torch.onnx.export(..., custom_translation_table={torch.ops.example.shifted.default: function})`,
with `dynamo=False` `torch.onnx.register_custom_op_symbolic`; where it becomes an operator that ONNX does not have, the
runtime needs a kernel for that.

## When it is no problem
Where a translation is given.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import CustomCall
from exportlint.rule import Context, Rule, severity

TARGETS = ("script", "onnx", "onnx-ts")
HELP = {
    "script": "call it through torch.ops, or write it with torch's operators",
    "onnx": "write it with torch's operators, or give a translation in custom_translation_table",
    "onnx-ts": "write it with torch's operators, or give a translation with torch.onnx.register_custom_op_symbolic",
}


def check(event: CustomCall, context: Context) -> Iterator[Finding]:
    """An error where the call cannot be compiled; a warning for exporters, which may have been given a translation."""
    for target in event.targets.intersection(TARGETS, context.targets):
        if target == "script" and not event.by_function:
            continue
        what = f"`{event.name}` is a custom operator, "
        what += "whose function TorchScript cannot save" if target == "script" else f"which {target} cannot translate"
        level = severity(event, Severity.ERROR if target == "script" else Severity.WARNING)
        yield RULE.finding(event.span, event.symbol, what, HELP[target], (target,), level, event.confidence)


RULE = Rule("EXL503", "custom-operator", TARGETS, (CustomCall,), check)

"""Opset that the exporter does not write by itself.

## What it does
Reports an `opset_version` below 18 or above 28 asked of the dynamo exporter, and one above 20 asked of the exporter
built on TorchScript.

## Why it breaks
The dynamo exporter writes opset 18 or higher. For a lower one it writes 18 and converts; where the converter has no way
down, **the file stays at 18 and the call succeeds**. That was seen for models as plain as a linear layer at 11, and a
pooling at 17. The same happens above 28, which the converter does not know either. The other exporter warns above 20
and raises "Unsupported onnx_opset_version" from 25.

## Example
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", opset_version=11)
```

## Use instead
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", opset_version=18)
```
Or `dynamo=False` where the runtime knows no opset as high as 18.

## When it is no problem
When the opset of the file is looked at afterwards, or the runtime takes 18 as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.exporting.events import ExportCall
from exportlint.rule import Context, Rule

TARGETS = ("onnx", "onnx-ts")
LOWEST, CONVERTED, HIGHEST_SCRIPT, REFUSED_SCRIPT = 18, 28, 20, 25
"""Measured with torch 2.13, onnxscript 0.7 and onnx 1.23: what each exporter writes, what is converted, what raises."""


def check(event: ExportCall, context: Context) -> Iterator[Finding]:
    """A warning where the file may be at another opset, an error where it will be, or there is none."""
    argument = event.argument("opset_version")
    opset = argument.value if argument is not None else None
    if type(opset) is not int or len(event.targets) != 1:
        return
    (target,) = event.targets
    said = _dynamo(opset) if target == "onnx" else _script(opset)
    if said:
        message, help, level = said
        yield RULE.finding(argument.span, event.symbol, message, help, (target,), level)


def _dynamo(opset: int) -> tuple[str, str, Severity] | None:
    if opset < LOWEST:
        message = f"the dynamo exporter writes opset {LOWEST} and converts to {opset}, or silently stays at {LOWEST}"
        return message, f"ask for {LOWEST} or more, or export with dynamo=False", Severity.WARNING
    if opset > CONVERTED:
        message = f"nothing converts to opset {opset}: the file silently stays at {LOWEST}"
        return message, f"ask for at most {CONVERTED}", Severity.ERROR
    return None


def _script(opset: int) -> tuple[str, str, Severity] | None:
    if opset >= REFUSED_SCRIPT:
        return f"with dynamo=False torch.onnx.export knows no opset {opset}", "use dynamo=True", Severity.ERROR
    if opset > HIGHEST_SCRIPT:
        message = f"with dynamo=False opset {opset} is not supported: {HIGHEST_SCRIPT} is the highest"
        return message, f"ask for at most {HIGHEST_SCRIPT}, or use dynamo=True", Severity.WARNING
    return None


RULE = Rule("EXL807", "opset-not-written", TARGETS, (ExportCall,), check)

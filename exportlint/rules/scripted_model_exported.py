"""TorchScript module given to an exporter that takes Python modules only.

## What it does
Reports the result of `torch.jit.script`, `torch.jit.trace` or `torch.jit.load` in a call of `torch.export.export`, or
of `torch.onnx.export` with `dynamo=True`, which is the default.

## Why it breaks
torch.export follows Python code, and a ScriptModule has none left: "Exporting a ScriptModule is not supported".

## Example
```python
scripted = torch.jit.script(Net().eval())
torch.onnx.export(scripted, (x,), "net.onnx")
```

## Use instead
```python
model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx")
```
Where only the TorchScript file is left, `dynamo=False` exports it.

## When it is no problem
Never with torch 2.13: the call raises.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.exporting.events import ExportCall
from exportlint.rule import Context, Rule

TARGETS = ("export", "onnx")
HELP = "export the module itself, or use torch.onnx.export with dynamo=False"


def check(event: ExportCall, context: Context) -> Iterator[Finding]:
    """An error: the call raises."""
    targets = event.targets.intersection(TARGETS)
    if targets == event.targets and event.form in ("scripted", "traced"):
        message = f"the model is {event.form} already, and torch.export takes no ScriptModule"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), Severity.ERROR)


RULE = Rule("EXL808", "scripted-model-exported", TARGETS, (ExportCall,), check)

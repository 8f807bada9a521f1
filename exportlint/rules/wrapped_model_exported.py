"""Model exported in a wrapper that the exporter does not take: torch.compile, DataParallel, dynamic quantization.

## What it does
Reports a model that went through `torch.compile`, `nn.DataParallel` or `quantize_dynamic` and is handed to an exporter
that was seen to refuse it.

## Why it breaks
`torch.jit.trace` and `torch.onnx.export(dynamo=False)` refuse a compiled model ("FX to torch.jit.trace a
dynamo-optimized function"), `torch.jit.script` compiles neither wrapper, `torch.onnx.export(dynamo=False)` refuses
DataParallel, and quantized layers of PyTorch have no counterpart in ONNX or torch.export.

## Example
```python
model = torch.compile(Net().eval())
traced = torch.jit.trace(model, x)
```

## Use instead
```python
model = Net().eval()
traced = torch.jit.trace(model, x)
```
Export the module inside: `model.module` of DataParallel. Quantize the ONNX file, not the model.

## When it is no problem
torch.export, and torch.onnx.export with it, look through torch.compile and DataParallel, though inputs are renamed.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.exporting.events import ExportCall
from exportlint.rule import Context, Rule

TARGETS = ("trace", "script", "export", "onnx", "onnx-ts")
REFUSED = {
    "compiled": (("trace", "script", "onnx-ts"), "went through torch.compile", "export the model that was compiled"),
    "parallel": (("script", "onnx-ts"), "is wrapped for several devices", "export `.module`, the model inside"),
    "quantized": (
        ("export", "onnx", "onnx-ts"),
        "has quantized layers of PyTorch",
        "export the float model, and quantize the ONNX file with onnxruntime.quantization",
    ),
}
"""By the form of the model: the targets that were seen to refuse it, what it is, and what to do."""


def check(event: ExportCall, context: Context) -> Iterator[Finding]:
    """An error: the call raises."""
    if event.form not in REFUSED:
        return
    refusing, what, help = REFUSED[event.form]
    if event.targets.issubset(refusing):
        message = f"the model {what}, which {' and '.join(sorted(event.targets))} refuses"
        yield RULE.finding(event.span, event.symbol, message, help, tuple(event.targets), Severity.ERROR)


RULE = Rule("EXL809", "wrapped-model-exported", TARGETS, (ExportCall,), check)

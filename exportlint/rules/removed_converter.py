"""Conversion from ONNX to Core ML, which coremltools no longer has.

## What it does
Reports `coremltools.converters.onnx.convert`, `coremltools.convert(..., source="onnx")`, `coremltools.convert` of a
path that ends in `.onnx`, and `onnx_coreml.convert`.

## Why it breaks
coremltools took its ONNX converter out with version 6. `coremltools.converters` has no attribute `onnx`, and `convert`
takes TorchScript, an exported program or TensorFlow. onnx_coreml went before it.

## Example
```python
import coremltools

coremltools.converters.onnx.convert(model="net.onnx")
```

## Use instead
```python
import coremltools

traced = torch.jit.trace(Net().eval(), x)
coremltools.convert(traced, inputs=[coremltools.TensorType(shape=(2, 4))])
```

## When it is no problem
With a coremltools older than 6.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.exporting.events import LibraryCall
from exportlint.rule import Context, Rule

TARGETS = ("onnx", "onnx-ts")
HELP = "convert from torch.jit.trace or torch.export with coremltools.convert"
GONE = ("coremltools.converters.onnx.", "onnx_coreml.")


def check(event: LibraryCall, context: Context) -> Iterator[Finding]:
    """An error: the call raises."""
    if event.name.startswith(GONE) or (event.name == "coremltools.convert" and _from_onnx(event)):
        message = "coremltools has no converter from ONNX any more"
        yield RULE.finding(event.span, event.symbol, message, HELP, TARGETS, Severity.ERROR)


def _from_onnx(event: LibraryCall) -> bool:
    source, model = event.argument("source"), event.argument("model") or event.argument("0")
    named = model is not None and isinstance(model.value, str) and model.value.endswith(".onnx")
    return named or (source is not None and source.value == "onnx")


RULE = Rule("EXL820", "removed-converter", TARGETS, (LibraryCall,), check)

"""Size of an ONNX file measured without the weights that stand beside it.

## What it does
Reports `os.path.getsize`, `os.stat` and `Path.stat` of a file that the dynamo exporter wrote.

## Why it breaks
`torch.onnx.export` puts the weights into `<file>.onnx.data`. The `.onnx` file alone is a few kilobytes for any model:
it looks as if nothing could be saved by quantizing it, or as if the model had shrunk.

## Example
```python
import os

model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx")
print(os.path.getsize("net.onnx"))
```

## Use instead
```python
import os

model = Net().eval()
torch.onnx.export(model, (x,), "net.onnx", external_data=False)
print(os.path.getsize("net.onnx"))
```
Or add the size of `net.onnx.data`.

## When it is no problem
When the size of the graph is what is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import related_to
from exportlint.flow.exporting.events import Measured
from exportlint.rule import Context, Rule

TARGETS = ("onnx",)
HELP = "export with `external_data=False`, or add the size of the `.data` file"


def check(event: Measured, context: Context) -> Iterator[Finding]:
    """A warning: a number is wrong, no model."""
    message = "the weights are not in this file: the exporter wrote them beside it"
    related = related_to(event.export)
    level = Severity.WARNING
    yield RULE.finding(event.span, event.symbol, message, HELP, TARGETS, level, event.confidence, related)


RULE = Rule("EXL816", "size-without-weights", TARGETS, (Measured,), check)

"""Axis exported as dynamic from an example whose size there is 1.

## What it does
Reports `torch.export.export` with `dynamic_shapes` where the example input has the size 1 on an axis that is declared
dynamic.

## Why it breaks
torch.export treats sizes 0 and 1 as constants, since they broadcast. With `Dim("batch")` and `Dim.DYNAMIC` the export
fails ("specialized it to be a constant (1)"), with `Dim.AUTO` the program takes no other size.
`torch.onnx.export` replaces such an example by itself.

## Example
```python
model = Net().eval()
batch = torch.export.Dim("batch")
torch.export.export(model, (torch.randn(1, 4),), dynamic_shapes={"x": {0: batch}})
```

## Use instead
```python
model = Net().eval()
batch = torch.export.Dim("batch")
torch.export.export(model, (torch.randn(2, 4),), dynamic_shapes={"x": {0: batch}})
```

## When it is no problem
Where the axis is meant to stay 1.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.exporting.events import ExportCall
from exportlint.rule import Context, Rule

TARGETS = ("export",)
HELP = "make the example with size 2 or more on that axis"


def check(event: ExportCall, context: Context) -> Iterator[Finding]:
    """An error: it raises, or gives a program of fixed size."""
    shapes = event.argument("dynamic_shapes")
    if event.targets != {"export"} or shapes is None or not event.examples:
        return
    for name, axes in shapes.pairs or ():
        position = name if isinstance(name, int) else _position(event, name)
        example = event.examples[position] if position is not None and position < len(event.examples) else None
        sizes = example.shape if example is not None and example.shape is not None else ()
        ones = [axis for axis in axes or () if isinstance(axis, int) and sizes[axis : axis + 1] == (1,)]
        if ones:
            said = repr(name) if isinstance(name, str) else f"input {name}"
            message = f"axis {ones[0]} of {said} is to be dynamic, but has size 1 in the example"
            yield RULE.finding(event.span, event.symbol, message, HELP, TARGETS, Severity.ERROR)


def _position(event: ExportCall, name: object) -> int | None:
    if event.parameters and name in event.parameters:
        return event.parameters.index(name)
    return 0 if len(event.examples or ()) == 1 else None


RULE = Rule("EXL814", "example-of-size-one", TARGETS, (ExportCall,), check)

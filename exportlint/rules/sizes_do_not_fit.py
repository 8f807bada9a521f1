"""Example input whose sizes a layer of the model cannot take.

## What it does
Follows the sizes of an example input from the export call through the model that the script builds: convolutions,
pooling, flattening, linear layers, normalization, upsampling, concatenation and sums, with the numbers that stand in
the code. Reports the first operation that cannot take what it gets, and shows the arithmetic. Where a size, a branch
or a layer is not known, it stays silent.

## Why it breaks
The exporter runs the model on its example, and the operation raises: "mat1 and mat2 shapes cannot be multiplied",
"Sizes of tensors must match", "expected input to have 3 channels". The number of features behind a flatten is the one
that goes wrong, since it depends on the size of the image.

## Example
```python
class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 5)
        self.fc = nn.Linear(4 * 24 * 24, 10)

    def forward(self, x):
        return self.fc(torch.flatten(self.conv(x), 1))


torch.jit.trace(Digits().eval(), torch.randn(1, 1, 32, 32))
```

## Use instead
```python
class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 5)
        self.fc = nn.Linear(4 * 28 * 28, 10)

    def forward(self, x):
        return self.fc(torch.flatten(self.conv(x), 1))


torch.jit.trace(Digits().eval(), torch.randn(1, 1, 32, 32))
```
Or make the size independent of the image, with `nn.AdaptiveAvgPool2d` in front of the flatten.

## When it is no problem
Never: the call raises.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import related_to
from exportlint.flow.exporting.events import SizesDiffer
from exportlint.rule import Context, Rule

TARGETS = ("trace", "export", "onnx", "onnx-ts")
HELP = "make the example of the size that the model is built for, or build the layer for this size"


def check(event: SizesDiffer, context: Context) -> Iterator[Finding]:
    """An error: the export raises here."""
    related = related_to(event.layer, event.export)
    targets = tuple(sorted(event.targets.intersection(TARGETS)))
    yield RULE.finding(event.span, event.symbol, event.said, HELP, targets, Severity.ERROR, event.confidence, related)


RULE = Rule("EXL310", "sizes-do-not-fit", TARGETS, (SizesDiffer,), check)

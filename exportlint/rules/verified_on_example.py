"""Exported model compared with the original on the very input that it was exported with, and on no other.

## What it does
Follows the inputs of a comparison (`torch.allclose`, `numpy.testing.assert_allclose`, a difference...) back to where
they were made. Reports it when they are the example inputs of the export, and no other comparison of the script uses
others.

## Why it breaks
A branch that was frozen, a size or a value that was written into the graph are right for the example and wrong for
everything else. A comparison on the example passes all the same: that is how they get into production.

## Example
```python
model = Net().eval()
traced = torch.jit.trace(model, x)
torch.testing.assert_close(traced(x), model(x))
```

## Use instead
```python
model = Net().eval()
traced = torch.jit.trace(model, x)
for other in (torch.randn_like(x), torch.zeros_like(x), 100 * torch.randn(2, 4)):
    torch.testing.assert_close(traced(other), model(other))
```
Or let `exportlint verify` look for inputs that disagree.

## When it is no problem
When the model is compared on other inputs elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import related_to
from exportlint.flow.exporting.events import Comparison
from exportlint.rule import Context, Rule

TARGETS = ("trace", "export", "onnx", "onnx-ts")
HELP = "compare on inputs of other values and sizes too, or run `exportlint verify`"


def check(event: Comparison, context: Context) -> Iterator[Finding]:
    """A warning: what is compared is right, but says little."""
    if event.example and event.used and event.export is not None:
        message = "the export is only verified on the input that it was made from"
        related = related_to(event.export)
        targets = tuple(event.targets)
        level = Severity.WARNING
        yield RULE.finding(event.span, event.symbol, message, HELP, targets, level, event.confidence, related)


RULE = Rule("EXL812", "verified-on-example", TARGETS, (Comparison,), check)

"""Result of `torch.jit.optimize_for_inference` that is saved.

## What it does
Reports `.save` and `torch.jit.save` of a module that went through `torch.jit.optimize_for_inference`.

## Why it breaks
The optimized graph of a model with convolutions holds constants of MKL-DNN that are written without their value.
`torch.jit.load` cannot read the file back: "required keyword attribute 'value' is undefined".

## Example
```python
model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()).eval()
traced = torch.jit.trace(model, torch.randn(1, 3, 8, 8))
torch.jit.optimize_for_inference(traced).save("net.pt")
```

## Use instead
```python
model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()).eval()
traced = torch.jit.trace(model, torch.randn(1, 3, 8, 8))
torch.jit.freeze(traced).save("net.pt")
optimized = torch.jit.optimize_for_inference(torch.jit.load("net.pt"))
```

## When it is no problem
Models without convolutions were seen to survive.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import related_to
from exportlint.flow.exporting.events import Saved
from exportlint.rule import Context, Rule

TARGETS = ("trace", "script")
HELP = "save the module before it is optimized, and optimize what is loaded"


def check(event: Saved, context: Context) -> Iterator[Finding]:
    """An error for a model with convolutions, a warning where that is not known."""
    if event.optimized is None or event.convolution is False:
        return
    message = "a module that optimize_for_inference rewrote cannot be loaded again"
    level = Severity.ERROR if event.convolution else Severity.WARNING
    related = related_to(event.optimized)
    targets = tuple(event.targets)
    yield RULE.finding(event.span, event.symbol, message, HELP, targets, level, event.confidence, related)


RULE = Rule("EXL815", "optimized-then-saved", TARGETS, (Saved,), check)

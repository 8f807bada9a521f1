"""A view of a tensor is written to, and the tensor itself is used afterwards.

## What it does
Reports assignments into a part of a tensor that was taken out before (`row = cache[0]`, then `row[1:] = x`), and
in-place operations on it.

## Why it breaks
In PyTorch the part shares memory with the whole, so the whole changes too. The TorchScript-based ONNX exporter turns
the part into a copy: the write is lost, and the file computes something else without a word.

## Example
```python
class Fill(nn.Module):
    def forward(self, cache: torch.Tensor, x: torch.Tensor):
        cache = cache.clone()
        row = cache[0]
        row[1:] = x
        return cache
```

## Use instead
```python
class Fill(nn.Module):
    def forward(self, cache: torch.Tensor, x: torch.Tensor):
        cache = cache.clone()
        cache[0, 1:] = x
        return cache
```

## When it is no problem
The other exporters follow the view. A part that is a copy (indexed by a tensor, or `.clone()`d) is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ViewWrite
from exportlint.rule import Context, Rule, severity

TARGETS = ("onnx-ts",)
HELP = "index the whole in one step: cache[0, 1:] = x"


def check(event: ViewWrite, context: Context) -> Iterator[Finding]:
    """Writes through views, which one exporter loses."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets:
        message = f"`{event.text}` writes through a view; the exported file leaves the whole tensor as it was"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL603", "write-through-view", TARGETS, (ViewWrite,), check)

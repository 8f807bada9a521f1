"""A view of a tensor is written to, and the tensor itself is used afterwards.

## What it does
Reports assignments into a part of a tensor that was taken out before (`row = cache[0]`, then `row[1:] = x`), and
in-place operations on it. The same for any other view (`x.view(-1)`, `x.transpose(0, 1)`, `x.T`, `x.chunk(2)`,
`x.detach()`), also in one step (`x.view(-1)[::2] = 0`), and for a view that is read after the whole was changed.

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
The other exporters follow the view. A part that is a copy (indexed by a tensor, or `.clone()`d) is not reported, nor
is one step of indexing (`x[0].add_(1)`), which that exporter follows too. `x.reshape(...)` is a view only where the
memory of `x` is in order; of a transposed tensor it is taken for a copy.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ViewWrite, related_to
from exportlint.rule import Context, Rule, severity

TARGETS = ("onnx-ts",)
HELP = "index the whole in one step, cache[0, 1:] = x, or compute a new tensor instead"


def check(event: ViewWrite, context: Context) -> Iterator[Finding]:
    """Writes through views, which one exporter loses."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets:
        message = f"`{event.text}` writes through a view; the exported file leaves the whole tensor as it was"
        related = related_to(*event.taken)
        level = severity(event)
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence, related)


RULE = Rule("EXL603", "write-through-view", TARGETS, (ViewWrite,), check)

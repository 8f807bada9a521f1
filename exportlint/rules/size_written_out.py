"""A dynamic axis meets a size that is written out in the model.

## What it does
Follows the sizes of a declared model's inputs through it, once as they are and once with each dynamic axis twice as
long, and reports the first operation that takes the one and not the other: a view with a literal size, a tensor of
fixed size that is added or concatenated, a parameter as long as the example, a linear layer over the axis.

## Why it breaks
`torch.export` finds that the axis can have one size only and refuses: "Constraints violated". So does the exporter for
ONNX that builds on it: "conflicts between user-specified ranges and inferred ranges". PyTorch itself raises for any
other size, so the axis is not dynamic in the model either.

## Example
```python
class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Parameter(torch.ones(1, 8))

    def forward(self, x: torch.Tensor):
        return torch.cat([self.token.expand(8, 8), x], 1)
```

## Use instead
```python
class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Parameter(torch.ones(1, 8))

    def forward(self, x: torch.Tensor):
        return torch.cat([self.token.expand(x.shape[0], 8), x], 1)
```

## When it is no problem
An axis that is not declared dynamic. A literal 1, which broadcasts. Tracing and scripting export the model, and the
exporter that traces too; their files raise for another size, as PyTorch does.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import related_to
from exportlint.flow.whole_events import FixedSize
from exportlint.rule import Context, Rule, severity

TARGETS = ("export", "onnx")
HELP = "take the size from the input (`x.shape[0]`, or -1 in one place of a view), or do not declare the axis dynamic"


def check(event: FixedSize, context: Context) -> Iterator[Finding]:
    """Sizes that fit the example and nothing longer."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets:
        message = f"only one size of {event.axes} fits here, which is declared dynamic: {event.said}"
        entry = related_to(event.entry)
        level = severity(event)
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence, entry)


RULE = Rule("EXL305", "size-written-out", TARGETS, (FixedSize,), check)

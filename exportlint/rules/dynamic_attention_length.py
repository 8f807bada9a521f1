"""nn.MultiheadAttention over a sequence whose length is declared dynamic.

## What it does
Reports calls of `nn.MultiheadAttention` with a query whose length (its second axis with `batch_first=True`, else its
first) is an axis that the configuration declares dynamic.

## Why it breaks
The layer reads the length as a Python number, which the exporter that traces writes into the file. ONNX Runtime then
cannot reshape a longer or shorter sequence: "The input tensor cannot be reshaped to the requested shape".

## Example
```python
class Attend(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: torch.Tensor):
        return self.attention(x, x, x)[0]
```

## Use instead
```python
class Attend(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(8, 24)

    def forward(self, x: torch.Tensor):
        query, key, value = self.project(x).chunk(3, -1)
        return torch.softmax(query @ key.transpose(1, 2) / 8**0.5, -1) @ value
```
Or export with `dynamo=True`, which keeps the length open.

## When it is no problem
A dynamic batch with sequences of one length. `torch.jit.trace`, `torch.export` and the newer ONNX exporter.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import related_to
from exportlint.flow.whole_events import AttentionCall
from exportlint.rule import Context, Rule, severity

TARGETS = ("onnx-ts",)
HELP = "export with dynamo=True, or write the attention out"


def check(event: AttentionCall, context: Context) -> Iterator[Finding]:
    """Lengths that the layer turns into numbers."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets:
        message = f"nn.MultiheadAttention keeps the length of the example, axis {event.axis} of `{event.source}`"
        entry = related_to(event.entry)
        level = severity(event)
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence, entry)


RULE = Rule("EXL306", "dynamic-attention-length", TARGETS, (AttentionCall,), check)

"""A number, list or tensor that is no buffer carries state from call to call.

## What it does
Reports numbers that are counted up in the forward path (`self.steps += 1`), lists that grow (`self.seen.append(x)`) and
tensors that are no buffers and get a new value from their old one (`self.mean = self.mean * 0.9 + x`), where the model
reads them back. Reports caches that begin as None and are used before they are set anew: `self.past = x` after
`if self.past is not None: x = torch.cat([self.past, x])`. The same of a list in a default argument
(`def forward(self, x, seen=[])`), and of a number, list or dict of the module (`global steps`).

## Why it breaks
The exporters see the value of one call. The file holds what it was then: every call counts from the same number, every
list holds the same one entry. A buffer at least is known to be state; of these nothing is said.

## Example
```python
class Steps(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = 0

    def forward(self, x: torch.Tensor):
        self.steps += 1
        return x * self.steps
```

## Use instead
```python
class Steps(nn.Module):
    def forward(self, x: torch.Tensor, steps: torch.Tensor):
        return x * (steps + 1), steps + 1
```
Hand the state in and out.

## When it is no problem
A counter that nothing in the forward path reads. A list or number that the same call sets anew first. Updates under
`if self.training`. What is made once, under `if self.table is None`, and what a call sets before it reads it.
`torch.jit.script` keeps attributes whose type it knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import StateWrite, related_to
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "export", "onnx", "onnx-ts")
HELP = "hand the state in as an input and out as an output"


def check(event: StateWrite, context: Context) -> Iterator[Finding]:
    """State that is a number, a list, or a tensor bound anew: all exporters take one call's value."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets and event.form in ("counted", "grown", "left"):
        message = f"`{event.name}` changes from call to call; the exported file keeps its value of one call"
        seen = related_to(*event.seen)
        # a first call is right, and what it leaves may be masked out in the next, as positions from 0 on do
        level = severity(event, Severity.WARNING if event.form == "left" else Severity.ERROR)
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence, seen)


RULE = Rule("EXL606", "python-state", TARGETS, (StateWrite,), check)

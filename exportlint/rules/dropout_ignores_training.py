"""Functional dropout stays on in eval mode.

## What it does
Reports `F.dropout` and its kin in the forward path when `training` is left at its default, which is True, or is True.

## Why it breaks
`model.eval()` does not reach a function. The model is random at inference in PyTorch too, where few notice; the
exported file carries a Dropout in training mode, or a random mask, and never agrees with anything.

## Example
```python
class Head(nn.Module):
    def forward(self, x: torch.Tensor):
        return F.dropout(x, 0.5)
```

## Use instead
```python
class Head(nn.Module):
    def forward(self, x: torch.Tensor):
        return F.dropout(x, 0.5, training=self.training)
```
Or an `nn.Dropout` member, which follows the mode of the model.

## When it is no problem
With `training=self.training` (or any flag), or a probability of 0. Monte Carlo dropout that is meant: suppress it with
the reason. Where `training=True` stands beside a probability that comes from the configuration, it is a note: somebody
chose both.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import DropoutCall
from exportlint.rule import Context, Rule, severity

TARGETS = ("onnx", "onnx-ts")


def check(event: DropoutCall, context: Context) -> Iterator[Finding]:
    """Dropout that no mode switches off."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets and event.training in ("default", "true") and event.probability != 0:
        message = f"`{event.function}` is on in eval mode too: `training` is not passed on"
        help = "pass training=self.training, or use an nn.Dropout member"
        meant = event.training == "true" and event.probability is None
        level = severity(event, Severity.INFO if meant else Severity.ERROR)
        yield RULE.finding(event.span, event.symbol, message, help, tuple(targets), level, event.confidence)


RULE = Rule("EXL601", "dropout-ignores-training", TARGETS, (DropoutCall,), check)

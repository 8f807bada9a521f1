"""The forward path takes a gradient.

## What it does
Reports `torch.autograd.grad`, `torch.autograd.backward` and `.backward()` in code that an export runs through, as in
models that return forces beside an energy, or that follow the slope of a score.

## Why it breaks
The operations of the backward pass use what the forward pass kept. A trace takes that for constants, and refuses:
"Cannot insert a Tensor that requires grad as a constant". `torch.export` finds its own tensors among the constants: "We
found a fake tensor in the exported program constant's list". Both exporters for ONNX stand on these two.

## Example
```python
class Force(nn.Module):
    def __init__(self):
        super().__init__()
        self.energy = nn.Linear(8, 1)

    def forward(self, x: torch.Tensor):
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            energy = torch.tanh(self.energy(x)).sum()
            (slope,) = torch.autograd.grad(energy, x)
        return -slope
```

## Use instead
```python
class Force(nn.Module):
    def __init__(self):
        super().__init__()
        self.energy = nn.Linear(8, 1)

    def forward(self, x: torch.Tensor):
        height = torch.tanh(self.energy(x))
        return -(1 - height * height) @ self.energy.weight
```
Write the derivative out, or export what computes the energy and take its gradient where it is used.

## When it is no problem
A gradient that needs the input alone, as of `(x ** 2).sum()`, exports. So does a gradient under `if self.training`.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import related_to
from exportlint.flow.whole_events import GradientCall
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "export", "onnx", "onnx-ts")
HELP = "write the derivative out, or export what is differentiated and take the gradient outside"


def check(event: GradientCall, context: Context) -> Iterator[Finding]:
    """Gradients on the way through forward; torch.jit.script refuses what surrounds them, as other rules say."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets:
        message = f"`{event.function}` runs backward through the forward path, of which exporters keep no record"
        entry = related_to(event.entry)
        level = severity(event)
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence, entry)


RULE = Rule("EXL704", "gradient-in-forward", TARGETS, (GradientCall,), check)

"""A random operation is given its own torch.Generator.

## What it does
Reports random functions called with `generator=` in the forward path.

## Why it breaks
ONNX has no generator object. Both ONNX exporters stop: the TorchScript-based one with "Unsupported prim::Constant
kind", the other at the argument.

## Example
```python
class Noise(nn.Module):
    def forward(self, x: torch.Tensor):
        g = torch.Generator()
        return x + torch.randn(x.shape, generator=g)
```

## Use instead
```python
class Noise(nn.Module):
    def forward(self, x: torch.Tensor, noise: torch.Tensor):
        return x + noise
```
Pass the noise as an input: the file is then the same in every run. Without `generator=` the operation itself exports.

## When it is no problem
Other targets keep the generator. Code that runs in training only is not reached.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import OperatorCall
from exportlint.rule import Context, Rule, severity

TARGETS = ("onnx", "onnx-ts")
HELP = "pass the noise as an input, or leave out generator="


def check(event: OperatorCall, context: Context) -> Iterator[Finding]:
    """Calls that are given a generator."""
    targets = event.targets.intersection(TARGETS, context.targets) if "generator" in event.given else ()
    if targets:
        message = f"`{event.name}` is given a generator, which ONNX does not have"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL602", "random-generator", TARGETS, (OperatorCall,), check)

"""Adaptive pooling to a size that does not divide its input, or over an input of dynamic size.

## What it does
Reports `nn.AdaptiveAvgPool*d`, `nn.AdaptiveMaxPool*d` and their functions with an output size other than 1, where the
specification of the model shows that the input's size is dynamic or no multiple of the output's.

## Why it breaks
ONNX has no adaptive pooling. The TorchScript-based exporter writes a plain pooling, which needs the input size and
needs it to be a multiple of the output size. The other exporter computes the windows for the example's size and gives
an output of another size when the input's changes.

## Example
```python
class Pool(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d((7, 7))

    def forward(self, x: torch.Tensor):
        return self.pool(x)
```

## Use instead
```python
class Pool(nn.Module):
    def forward(self, x: torch.Tensor):
        return x.mean((2, 3), keepdim=True)
```
Or a fixed `nn.AvgPool2d` for a fixed input size, or `F.interpolate` where a resampling will do.

## When it is no problem
An output size of 1 is a mean and exports everywhere. A fixed input whose size is a multiple of the output's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import OperatorCall
from exportlint.operators.left_out import pools_by_area
from exportlint.rule import Context, Rule, severity

TARGETS = ("onnx", "onnx-ts")
HELP = "pool to size 1, use a fixed nn.AvgPool2d, or fix the size of the input"
_POOL = re.compile(r"(?:torch\.nn\.Adaptive(?:Avg|Max)Pool|torch\.nn\.functional\.adaptive_(?:avg|max)_pool)([123])d")


def check(event: OperatorCall, context: Context) -> Iterator[Finding]:
    """Sizes that do not divide fail in one exporter; dynamic sizes fail there and are silently wrong in the other."""
    match = _POOL.fullmatch(event.name)
    by_area = pools_by_area(event)
    if not (match or by_area):
        return
    shape = event.argument("shape")
    if not isinstance(shape, tuple):
        return
    rank = int(match[1]) if match else len(shape) - 2
    wanted = event.argument("size" if by_area else "output_size", 1)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,) * rank
    pairs = [
        (have, want) for have, want in zip(shape[-rank:], wanted, strict=False) if isinstance(want, int) and want > 1
    ]
    dynamic = any(have == "dynamic" for have, _ in pairs)
    uneven = any(isinstance(have, int) and have % want for have, want in pairs)
    # the exporter built on torch.export takes an average apart, but has nothing for a maximum
    minds = TARGETS if dynamic or (uneven and "max" in event.name.lower()) else ("onnx-ts",) if uneven else ()
    targets = event.targets.intersection(minds, context.targets)
    if targets:
        why = "over a dynamic size" if dynamic else "to a size that does not divide its input's"
        message = f"adaptive pooling {why} has no counterpart in ONNX"
        level = severity(event, Severity.ERROR)
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence)


RULE = Rule("EXL302", "adaptive-pool-size", TARGETS, (OperatorCall,), check)

"""A dynamic dimension is taken apart into as many tensors as it is long.

## What it does
Reports `x.unbind(dim)` along a dimension that is declared dynamic, `x.split(1, dim)` or any other fixed length, and
`x.chunk(2, dim)`.

## Why it breaks
How many pieces there are is decided once, for the example's size. A traced file fails for other sizes; `torch.export`
fixes the dimension and stops, since it was declared dynamic, and so does the ONNX exporter built on it. `chunk` gives
a fixed number of pieces, but `torch.export` guards their length, and that exporter fails to write them.

## Example
```python
class Rows(nn.Module):
    def forward(self, x: torch.Tensor):
        return torch.stack([row * 2 for row in x.unbind(0)])
```

## Use instead
```python
class Rows(nn.Module):
    def forward(self, x: torch.Tensor):
        return x * 2
```
An operation over the whole tensor, or `torch.vmap`.

## When it is no problem
Along a dimension of fixed size, and where the specification of the model declares nothing. `torch.jit.script` keeps the
loop over the pieces.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import OperatorCall
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "export", "onnx", "onnx-ts")
SLICES = (
    "for ONNX, slice it: x[: n // 2] and x[n // 2 :] with n = x.shape[0]; or fix the dimension in the specification"
)
HELP = "compute on the whole tensor, or fix the dimension in the specification of the model"


def check(event: OperatorCall, context: Context) -> Iterator[Finding]:
    """Pieces whose number is a dynamic size."""
    function = event.name.rpartition(".")[2]
    if function not in ("unbind", "split", "chunk") or not event.name.startswith("torch."):
        return
    shape = event.argument("shape")
    if not isinstance(shape, tuple):
        return
    own = 0 if event.name.startswith("torch.Tensor.") else 1
    dim = event.argument("dim", own if function == "unbind" else own + 1, 0)
    if not isinstance(dim, int) or not -len(shape) <= dim < len(shape) or shape[dim] != "dynamic":
        return
    length = event.argument("split_size_or_sections", own, event.argument("split_size", own))
    targets = event.targets.intersection(TARGETS if function != "chunk" else ("export", "onnx"), context.targets)
    if targets and function == "chunk":
        message = (
            f"`chunk` along dimension {dim}, which is dynamic: pieces of dynamic length are guarded or not written"
        )
        yield RULE.finding(event.span, event.symbol, message, SLICES, tuple(targets), severity(event), event.confidence)
    elif targets and (function == "unbind" or isinstance(length, int)):
        message = (
            f"`{function}` gives as many tensors as dimension {dim} is long, which is decided by the example's size"
        )
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL303", "unrolled-split", TARGETS, (OperatorCall,), check)

"""copy.copy or copy.deepcopy of a tensor or a module in the forward path.

## What it does
Reports `copy.deepcopy(x)` and `copy.copy(x)` of a tensor, and `copy.deepcopy` of a list or dict of tensors, or of a
module, in code that an export runs through.

## Why it breaks
The copy is made of memory that the exporters do not have. A traced file gets an empty tensor in its place, often of
another shape. `torch.export`, and the ONNX exporter built on it, stop at the data pointer. TorchScript does not know
the module copy.

## Example
```python
class Twice(nn.Module):
    def forward(self, x: torch.Tensor):
        return copy.deepcopy(x) * 2
```

## Use instead
```python
class Twice(nn.Module):
    def forward(self, x: torch.Tensor):
        return x.clone() * 2
```
`list(features)` or `dict(cache)` for a container that is changed afterwards; copies of modules belong in constructors.

## When it is no problem
Of configuration. `copy.copy` of a container or module keeps the tensors themselves. A deep copy of a module may be
traced.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import Copy
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "export", "onnx", "onnx-ts")
EXPORTERS = ("export", "onnx")


def check(event: Copy, context: Context) -> Iterator[Finding]:
    """Tensors are copied wrongly by all; modules by those that run on fake tensors."""
    minded = EXPORTERS if event.what == "module" else TARGETS
    targets = event.targets.intersection(minded, context.targets)
    if targets:
        what = {"tensor": "a tensor", "container": "tensors", "module": "a module"}[event.what]
        message = f"`{event.function}({event.text})` copies {what} behind the exporter's back"
        help = (
            "copy it in the constructor" if event.what == "module" else "use .clone(), or list()/dict() of a container"
        )
        yield RULE.finding(event.span, event.symbol, message, help, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL204", "tensor-copied", TARGETS, (Copy,), check)

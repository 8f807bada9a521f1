"""A method or field of tensors, dtypes, numbers or strings that TorchScript lacks.

## What it does
Reports `x.new(...)`, `x.bool()`, `x.nelement()`, `x.unique()`, `x.tolist()` without a type, `x.shape.numel()`,
`x.grad_fn`, `x.dtype.is_floating_point` and the like in code that scripting compiles.

## Why it breaks
TorchScript knows the methods that are operators. Those that torch writes in Python are missing, and a shape is a
plain list of int, a dtype an int.

## Example
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return x * x.nelement()
```

## Use instead
```python
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return x * x.numel()
```

## When it is no problem
`values: List[int] = x.tolist()` with an annotation is fine.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("tensor-method",)
HELP = "use the operator: numel, new_zeros, to(torch.bool), torch.unique"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail} is not in TorchScript"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL418", "tensor-method-missing", ("script",), (ScriptFault,), check)

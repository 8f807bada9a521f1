"""The model returns an object that no exporter can take apart.

## What it does
Reports an entry method that returns a dataclass of the project.

## Why it breaks
Exporters flatten outputs into tensors. They know tuples, lists, dicts and named tuples; of any other class they say
"not a known type", unless it is registered as a pytree node.

## Example
```python
@dataclass
class Result:
    logits: torch.Tensor


class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return Result(x * 2)
```

## Use instead
```python
class Result(NamedTuple):
    logits: torch.Tensor


class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return Result(x * 2)
```

## When it is no problem
A submodule may return anything. A class that is registered with `torch.export.register_dataclass` or
`torch.utils._pytree.register_pytree_node` exports; suppress the finding with that reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import Output
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "script", "export", "onnx", "onnx-ts")
HELP = "return a tuple, dict or NamedTuple, or register the class with torch.export.register_dataclass"


def check(event: Output, context: Context) -> Iterator[Finding]:
    """Objects that leave an entry method."""
    targets = event.targets.intersection(TARGETS, context.targets)
    if targets:
        message = f"`{event.name}` is a class that exporters cannot flatten into tensors"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL701", "unregistered-output", TARGETS, (Output,), check)

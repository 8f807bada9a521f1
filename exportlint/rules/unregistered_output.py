"""The model returns an object that no exporter can take apart.

## What it does
Reports an entry method that returns a dataclass of the project. Of a model that the configuration declares, also dicts,
None, text and numbers that it returns beside its tensors, each for the targets that refuse it.

## Why it breaks
Exporters flatten outputs into tensors. They know tuples, lists, dicts and named tuples; of any other class they say
"not a known type", unless it is registered as a pytree node. Tracing takes tensors, tuples and lists alone: "Only
tensors, lists, tuples of tensors, or dictionary of tensors can be output", and a dict with `strict=False` only. The
exporters for ONNX have no place for a number, and the one without tracing none for text: "'int' object has no attribute
'name'". A size that is no dynamic one is such a number there.

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
`torch.jit.trace(..., strict=False)` takes a dict of tensors.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import related_to
from exportlint.flow.whole_events import Output
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "script", "export", "onnx", "onnx-ts")
HELP = "return a tuple, dict or NamedTuple, or register the class with torch.export.register_dataclass"
REFUSED = {
    "object": (TARGETS, "`{}` is a class that exporters cannot flatten into tensors", HELP),
    "dict": (("trace",), "`{}` is a dict, which tracing takes with strict=False only", "return a tuple"),
    "None": (("trace",), "`{}` is None, which tracing cannot return", "leave it out"),
    "str": (("trace", "export", "onnx"), "`{}` is text, which cannot leave the exported model", "leave it out"),
    "number": (("trace", "onnx", "onnx-ts"), "`{}` is a Python number, which the graph cannot return", "leave it out"),
    "size": (("onnx",), "`{}` is a Python number, which the graph cannot return", "leave it out"),
}
"""By kind of output: the targets that refuse it, what to say and what to do."""


def check(event: Output, context: Context) -> Iterator[Finding]:
    """What leaves an entry method."""
    refused, message, help = REFUSED[event.kind]
    targets = event.targets.intersection(refused, context.targets)
    if targets:
        entry = related_to(event.entry)
        said, level = message.format(event.name), severity(event)
        yield RULE.finding(event.span, event.symbol, said, help, tuple(targets), level, event.confidence, entry)


RULE = Rule("EXL701", "unregistered-output", TARGETS, (Output,), check)

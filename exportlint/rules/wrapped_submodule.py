"""A submodule runs behind torch.compile, torch.jit.script, torch.jit.trace or a re-entrant checkpoint.

## What it does
Reports calls of a member made by `torch.compile(...)`, `torch.jit.script(...)` or `torch.jit.trace(...)`, calls of what
stands under `@torch.compile`, and `checkpoint(...)` without `use_reentrant=False`.

## Why it breaks
The tracer and the scripting compiler see the wrapper, not the module: they stop with "tracing a dynamo-optimized
function" or at the autograd function behind the checkpoint. `torch.export` stops at the latter too, and at a submodule
that is TorchScript already, as do both ONNX exporters.

## Example
```python
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.compile(nn.Linear(3, 3), backend="eager")

    def forward(self, x: torch.Tensor):
        return self.net(x)
```

## Use instead
```python
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor):
        return self.net(x)
```
Compile the finished model where it is trained or served, not inside its constructor.

## When it is no problem
`torch.export` looks through torch.compile. The ONNX exporter built on it looks through that and a checkpoint, since it
tries again in strict mode. `use_reentrant=False` is fine everywhere but in scripting. A trace may hold scripted and
traced members, and every exporter looks into functions under `@torch.jit.script`.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import WrapperCall, related_to
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "script", "export", "onnx", "onnx-ts")
_MINDS = {
    "torch.compile": ("trace", "script", "onnx-ts"),
    "@torch.compile": ("trace", "onnx-ts"),
    "torch.jit.script": ("export", "onnx", "onnx-ts"),
    "torch.jit.trace": ("export", "onnx", "onnx-ts"),
    "checkpoint": ("trace", "script", "export", "onnx-ts"),
}
HELP = "wrap outside the model, or not at all for the export"


def check(event: WrapperCall, context: Context) -> Iterator[Finding]:
    """Calls through wrappers, for the exporters that cannot pass them."""
    targets = event.targets.intersection(_MINDS[event.wrapper], context.targets)
    if targets:
        message = f"`{event.wrapper}` stands between the exporter and the module"
        level, related = severity(event), related_to(event.called)
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence, related)


RULE = Rule("EXL702", "wrapped-submodule", TARGETS, (WrapperCall,), check)

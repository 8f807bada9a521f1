"""Method called of a TorchScript module that only the Python class has.

## What it does
Reports calls of methods on what `torch.jit.script` or `torch.jit.trace` gave, where the model's class defines the
method and the TorchScript module has none of that name.

## Why it breaks
`torch.jit.script` compiles `forward`, what `forward` calls, and methods marked with `@torch.jit.export`;
`torch.jit.trace` records `forward` alone. All else is left behind: "object has no attribute", in Python and in C++.

## Example
```python
class Coder(nn.Module):
    def forward(self, x):
        return x * 2

    def decode(self, x):
        return x / 2


scripted = torch.jit.script(Coder().eval())
restored = scripted.decode(torch.ones(2))
```

## Use instead
```python
class Coder(nn.Module):
    def forward(self, x):
        return x * 2

    @torch.jit.export
    def decode(self, x):
        return x / 2


scripted = torch.jit.script(Coder().eval())
restored = scripted.decode(torch.ones(2))
```
`torch.jit.trace_module` traces several methods, with an example for each.

## When it is no problem
Methods that `forward` calls are there after scripting, though not after tracing. Those marked with `@torch.jit.ignore`
or `@torch.jit.unused` can be called until the module is saved, and are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import related_to
from exportlint.flow.exporting.events import MissingMethod
from exportlint.rule import Context, Rule

TARGETS = ("trace", "script")
HELP = {
    "scripted": "mark the method with @torch.jit.export",
    "traced": "trace it too, with torch.jit.trace_module, or call it on the model itself",
}


def check(event: MissingMethod, context: Context) -> Iterator[Finding]:
    """An error: the attribute is not there."""
    message = f"the {event.form} module has no method `{event.name}`"
    related = related_to(event.method, event.export)
    targets = tuple(event.targets)
    level = Severity.ERROR
    yield RULE.finding(event.span, event.symbol, message, HELP[event.form], targets, level, event.confidence, related)


RULE = Rule("EXL821", "method-not-compiled", TARGETS, (MissingMethod,), check)

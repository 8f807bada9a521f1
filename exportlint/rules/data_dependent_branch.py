"""Python decides on the value of a tensor.

## What it does
Reports `if`, `while`, `assert`, conditional expressions, `and`/`or`/`not`, comparison chains, comprehension filters,
`match`, `in`, and the builtins `max`, `min`, `all`, `any` where what they test was computed from a tensor.

## Why it breaks
`torch.jit.trace` and the TorchScript-based ONNX exporter run the model once and record what that run did: the arm not
taken is missing from the file, and other inputs get the wrong answer without a warning at run time. `torch.export`, and
the ONNX exporter built on it, stop with `GuardOnDataDependentSymNode`.

## Example
```python
class Scale(nn.Module):
    def forward(self, x: torch.Tensor):
        if x.sum() > 0:
            return x * 2
        return -x
```

## Use instead
```python
class Scale(nn.Module):
    def forward(self, x: torch.Tensor):
        return torch.where(x.sum() > 0, x * 2, -x)
```
`torch.cond` where the arms are costly, or `torch.jit.script` for a TorchScript target.

## When it is no problem
Conditions on configuration, `None`, types, shapes, dtypes, devices and `self.training` are not reported. A check that only
raises is left out of a traced file, which is a note; `torch.export` refuses it all the same. An `assert` on a tensor fails
`torch.export` only: the ONNX exporter retries in strict mode and keeps it. `torch.jit.script` compiles both arms.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Related, Severity
from exportlint.flow.events import Decision
from exportlint.rule import Context, Rule, severity

TRACERS = ("trace", "onnx-ts")
EXPORTERS = ("export", "onnx")
HELP = "compute both sides and choose with torch.where, or use torch.cond; torch.jit.script keeps the branch"


def check(event: Decision, context: Context) -> Iterator[Finding]:
    """Where each exporter fails, and where it silently keeps one arm (measured: tests/rules)."""
    related = (Related(event.origin.path, event.origin.line, event.origin.what),) if event.origin else ()
    exporters = () if event.form in ("max", "min", "cond") else ("export",) if event.form == "assert" else EXPORTERS
    if event.form == "assert" and event.subject == "number":
        exporters = ()
    targets = event.targets.intersection(exporters, context.targets)
    level = severity(event)
    what = {"tensor": "the value of a tensor", "number": "a number taken out of a tensor"}.get(
        event.subject, "a size that depends on the values of a tensor"
    )
    if targets:
        message = f"`{event.text}` decides on {what}; the exporter cannot know which way it goes and stops"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence, related)
    frozen = event.targets.intersection(TRACERS, context.targets)
    if not frozen or event.depends != "input" or (event.subject == "number" and event.origin is not None):
        return
    if event.only_checks:
        message = f"`{event.text}` checks {what}; the check is missing from the traced file"
        level = Severity.INFO
    elif event.form == "cond":
        message = f"`{event.text}`: torch.cond cannot be traced"
    else:
        message = f"`{event.text}` decides on {what}; tracing keeps only what the example input does here"
    yield RULE.finding(event.span, event.symbol, message, HELP, tuple(frozen), level, event.confidence, related)


RULE = Rule("EXL101", "data-dependent-branch", (*TRACERS, *EXPORTERS), (Decision,), check)

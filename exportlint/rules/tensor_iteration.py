"""A Python loop runs over the first axis of a tensor.

## What it does
Reports `for`, comprehensions and calls such as `enumerate`, `zip` and `list` that draw one slice after another from a
tensor whose first size can change, and for scripting the unpacking of a tensor into names. A loop over an input that is
declared `list[torch.Tensor]`, and its `len`, are a warning for tracing and a note for the exporters.

## Why it breaks
The loop is unrolled for as many rows as the example input has. A traced file then fails or drops rows for another
size; `torch.export` and the ONNX exporter stop when that dimension is declared dynamic. TorchScript cannot unpack a
tensor, since it does not know how many values there are. A list of tensors becomes as many inputs as the example has:
every export but a scripted one refuses another number, or has no place for it.

## Example
```python
class Rows(nn.Module):
    def forward(self, x: torch.Tensor):
        return torch.stack([row * 2 for row in x])
```

## Use instead
```python
class Rows(nn.Module):
    def forward(self, x: torch.Tensor):
        return x * 2
```
An operation over the whole tensor, or `torch.vmap`; `torch.jit.script` keeps the loop.

## When it is no problem
A list that a backbone fills, as its name says (`features`, `hidden_states`), labels for a loss, or a list whose length
is only checked.
Not reported where the specification of the model declares the first dimension to be fixed. Without a specification it
is a warning for tracing and a note for the others.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import Iteration
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "script", "export", "onnx", "onnx-ts")
HELP_LIST = "hand in one padded tensor with a mask or the lengths, or export for the number of tensors that is served"
HELP = "compute on the whole tensor at once, or torch.vmap; for TorchScript, torch.jit.script keeps the loop"


def check(event: Iteration, context: Context) -> Iterator[Finding]:
    """Unrolled loops where the length changes; unpacking where scripting is asked for."""
    if event.subject == "list":
        yield from _over_list(event, context)
    if event.subject != "tensor":
        return
    if event.form in ("unpack", "star"):
        targets = event.targets.intersection(("script",), context.targets) if event.form == "unpack" else ()
        if targets:
            message = f"`{event.text}` is a tensor unpacked into names; TorchScript does not know its length"
            help = "index it, x[0] and x[1], or use torch.unbind and index the list"
            yield RULE.finding(
                event.span, event.symbol, message, help, tuple(targets), severity(event), event.confidence
            )
        return
    declared = event.dynamic == "declared"
    unrolled = "is unrolled for the example's size"
    stops = "the exporter cannot know how often that is, and stops" if declared else unrolled
    for targets, level, outcome in (
        (("trace", "onnx-ts"), Severity.ERROR if declared else Severity.WARNING, unrolled),
        (("export", "onnx"), Severity.ERROR if declared else Severity.INFO, stops),
    ):
        here = event.targets.intersection(targets, context.targets)
        if here and event.dynamic != "fixed" and event.depends == "input":
            message = f"the loop over `{event.text}` runs once a row of a tensor and {outcome}"
            level = severity(event, level)
            yield RULE.finding(event.span, event.symbol, message, HELP, tuple(here), level, event.confidence)


def _over_list(event: Iteration, context: Context) -> Iterator[Finding]:
    """Work on each tensor of an input list: a traced file takes as many as the example holds."""
    frozen = f"`{event.text}` is frozen" if event.form == "len" else f"the loop over `{event.text}` is unrolled"
    message = f"{frozen}: the exported model takes only as many tensors as the example's list holds"
    for targets, level in ((("trace",), Severity.WARNING), (("export", "onnx", "onnx-ts"), Severity.INFO)):
        here = event.targets.intersection(targets, context.targets)
        if here:
            level = severity(event, level)
            yield RULE.finding(event.span, event.symbol, message, HELP_LIST, tuple(here), level, event.confidence)


RULE = Rule("EXL102", "tensor-iteration", TARGETS, (Iteration,), check)

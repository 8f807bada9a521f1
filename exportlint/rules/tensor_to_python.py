"""A tensor becomes a Python value.

## What it does
Reports `.item()`, `.tolist()`, `int()`, `float()`, `bool()`, `len()`, `torch.tensor([tensor, ...])`, formatting with a
format specification, and functions of `math` where a tensor goes in and a Python value comes out.

## Why it breaks
The tracer sees the Python value as a constant of the example input, and every later input gets it. `torch.export`
follows `.item()` and `.tolist()` symbolically, but stops at `int()`, `float()`, `bool()` and `math`, which need a real
number.

## Example
```python
class Positions(nn.Module):
    def forward(self, durations: torch.Tensor):
        total = int(durations.sum())
        return torch.arange(total)
```

## Use instead
```python
class Positions(nn.Module):
    def forward(self, durations: torch.Tensor, frames: torch.Tensor):
        return torch.arange(frames.shape[0])
```
Compute with the tensor itself (`x * x.sum()` needs no number), or pass what is known before as a size or an argument.

## When it is no problem
A number that is only checked changes nothing in a traced file but the check, and is a warning; one that only goes into
a message changes nothing. A number taken out of a parameter or buffer is the same in every call. The ONNX exporter
built on `torch.export` retries in strict mode and accepts all but functions of `math`; what fails there is reported
where the number is used (a branch, a loop). `len()` of a tensor whose first dimension is fixed is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Related, Severity
from exportlint.flow.events import Conversion
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "script", "export", "onnx", "onnx-ts")
TRACERS = ("trace", "onnx-ts")
HELP = "keep it a tensor, or pass it as an argument or a size"


def check(event: Conversion, context: Context) -> Iterator[Finding]:
    """Which exporter minds depends on how the value is taken out (measured: tests/rules)."""
    related = tuple(Related(place.path, place.line, f"used here: {use}") for use, place in event.uses)
    stopped = event.targets.intersection(_stops(event), context.targets)
    frozen = event.targets.intersection(TRACERS, context.targets) if _freezes(event) else frozenset()
    only_checked = _is_only_checked(event)
    lost = "the traced file lacks the check" if only_checked else "the traced file keeps the example's number"
    groups = [
        (stopped, severity(event), "the exporter needs its value and stops"),
        (frozen, _level(event), lost),
    ]
    if stopped and frozen and severity(event) is _level(event) and not only_checked:
        groups = [(stopped | frozen, severity(event), f"{lost}, the others stop")]
    for targets, level, consequence in groups:
        if targets:
            message = f"`{_form(event)}` takes a number out of a tensor: {consequence}"
            yield RULE.finding(
                event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence, related
            )


def _stops(event: Conversion) -> tuple[str, ...]:
    if event.how.startswith("math."):
        return ("export", "onnx")
    if event.how == "len":
        return ("export",) if event.dynamic == "declared" else ()
    if event.how in ("format", "torch.tensor"):
        return ("script", "export")
    if event.how in ("int", "float", "bool", "complex"):
        return ("export",)
    return ()


def _freezes(event: Conversion) -> bool:
    if event.depends != "input" or event.subject != "tensor":
        return False
    if event.how in ("format", "str", "numpy") or (event.uses and all(use == "text" for use, _ in event.uses)):
        return False
    return event.how != "len" or event.dynamic != "fixed"


def _level(event: Conversion) -> Severity:
    if _is_only_checked(event):
        return severity(event, Severity.WARNING)
    if event.how == "len" and event.dynamic == "possible":
        return severity(event, Severity.WARNING)
    return severity(event)


def _is_only_checked(event: Conversion) -> bool:
    return bool(event.uses) and all(use in ("check", "text") for use, _ in event.uses)


def _form(event: Conversion) -> str:
    if event.how in ("item", "tolist"):
        return f"{event.text}.{event.how}()"
    return f"{event.how}({event.text})"


RULE = Rule("EXL201", "tensor-to-python", TARGETS, (Conversion,), check)

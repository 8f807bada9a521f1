"""Python branches, loops or computes on a dimension that is dynamic.

## What it does
Reports `if`, `while`, conditional expressions and `range` over a size of an input, and `int()`, `float()`, `max()`,
`min()`, `round()`, functions of `math` and numpy applied to one, tensors made of a list of them (`torch.tensor([n])`),
and lists as long as one (`[x] * n`), where that dimension is declared dynamic.

## Why it breaks
The path is chosen once, for the example's size. A traced file computes the wrong thing at other sizes. `torch.export`
guards the size and refuses others; on the way to ONNX the guard is dropped, and the file advertises a dynamic dimension
that it gets wrong. Loops are unrolled, and `float()` and `math` bake the number in. What a tracer hands out as a size
has no `round()` at all, and the ONNX exporter no translation of it.

## Example
```python
class Pad(nn.Module):
    def forward(self, x: torch.Tensor):
        if x.shape[1] % 8 != 0:
            x = F.pad(x, (0, 8 - x.shape[1] % 8))
        return x
```

## Use instead
```python
class Pad(nn.Module):
    def forward(self, x: torch.Tensor):
        return F.pad(x, (0, (8 - x.shape[1] % 8) % 8))
```
Arithmetic on sizes (`+ - * // %`) is followed by all exporters.

## When it is no problem
A check that only raises; a dimension that the specification does not declare dynamic. Without a specification it is a
note (shown with `--pedantic`), since most sizes never change. `max` and `min` are followed by `torch.export`, and so is
`torch.tensor([n])`; `torch.tensor(n)` and `torch.full((1,), n)` by all.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import DimensionUse, Iteration
from exportlint.rule import Context, Rule, severity

TARGETS = ("trace", "export", "onnx", "onnx-ts")
TRACERS = ("trace", "onnx-ts")
HELP = "use arithmetic on the size (+ - * // %), or fix the dimension in the specification of the model"

# Which exporters mind what is done to a dynamic size, measured with torch 2.13 (tests/rules).
_MINDS = {
    "max": TRACERS,
    "min": TRACERS,
    "math.ceil": TRACERS,
    "math.floor": TRACERS,
    "math.trunc": TRACERS,
    "int": (*TRACERS, "export"),
    "float": (*TRACERS, "export"),
    "round": (*TRACERS, "onnx"),
    "torch.tensor([n])": TRACERS,
    "torch.as_tensor(n)": ("export", "onnx"),
    "new_tensor(n)": ("export",),
    "new_tensor([n])": (*TRACERS, "export"),
}


def check(event: DimensionUse | Iteration, context: Context) -> Iterator[Finding]:
    """Sizes that decide; an error where the spec declares the dimension dynamic, a note where nothing is declared."""
    if isinstance(event, Iteration):
        if event.subject != "dimension" or event.dynamic == "fixed":
            return
        minded, message = (
            TARGETS,
            f"`{event.text}` turns as often as a dimension is long and is unrolled for the example's size",
        )
    else:
        if event.only_checks or event.form == "assert":
            return
        minded = _MINDS.get(event.form, TARGETS)
        if event.form == "int" and event.rounds:
            minded = TARGETS  # the guard holds for several sizes, so the ONNX exporter does not fall back to strict
        message = _message(event)
    targets = event.targets.intersection(minded, context.targets)
    if targets:
        level = severity(event) if event.dynamic == "declared" else Severity.INFO
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), level, event.confidence)


def _message(event: DimensionUse) -> str:
    axes = " and ".join(f"dimension {axis} of `{name}`" for name, axis in event.axes)
    which = f" ({axes})" if axes else ""
    if event.form in ("if", "while", "ternary", "and", "or", "not", "compare", "comprehension", "match"):
        return f"`{event.text}` decides on a size{which}; only the path of the example's size is exported"
    return f"`{event.form}` of a size{which} becomes a constant of the example's size"


RULE = Rule("EXL301", "dynamic-dimension-branch", TARGETS, (DimensionUse, Iteration), check)

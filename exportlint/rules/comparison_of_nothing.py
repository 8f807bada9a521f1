"""Comparison that cannot fail.

## What it does
Reports `torch.allclose`, `numpy.allclose` and their kin on the result of a model where nobody looks at the answer,
where it stands in `assert (..., "message")`, where both sides are the same value, or where the tolerance takes
anything.

## Why it breaks
The script says that the export was verified, and it was not. `allclose` returns a bool and raises nothing; a tuple is
always true; with `rtol=1` every number is close to zero.

## Example
```python
model = Net().eval()
traced = torch.jit.trace(model, x)
y = torch.randn_like(x)
torch.allclose(traced(y), model(y))
```

## Use instead
```python
model = Net().eval()
traced = torch.jit.trace(model, x)
y = torch.randn_like(x)
torch.testing.assert_close(traced(y), model(y))
```

## When it is no problem
Never.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import TARGETS, Finding, Severity
from exportlint.flow.exporting.events import Comparison
from exportlint.rule import Context, Rule

HELP = "use torch.testing.assert_close or numpy.testing.assert_allclose with a small tolerance"
WHOLE = 1.0
"""A tolerance, relative or absolute, from which on a result of common size may be anything."""


def check(event: Comparison, context: Context) -> Iterator[Finding]:
    """An error for what surely compares nothing, a warning for a tolerance that takes nearly anything."""
    said = _nothing(event)
    if said:
        message, level = said
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(event.targets), level)


def _nothing(event: Comparison) -> tuple[str, Severity] | None:
    if event.same:
        return "a result is compared with itself", Severity.ERROR
    if not event.used:
        return f"nobody looks at what `{event.function.rpartition('.')[2]}` answers", Severity.ERROR
    for name, tolerance in event.tolerances:
        if tolerance >= WHOLE:
            return f"with {name}={tolerance:g} the comparison takes nearly anything", Severity.WARNING
    return None


RULE = Rule("EXL813", "comparison-of-nothing", TARGETS, (Comparison,), check)

"""Operator whose ONNX file computes something else than PyTorch.

## What it does
Looks up each torch operation in the forward path, with the arguments that are known, in a table that was measured:
small models with one operation each, exported at every opset, run in ONNX Runtime and compared with eager PyTorch on
fresh inputs. Reports the ones that export without a word and then differ: in values, in dtype, in shape.

## Why it breaks
The exporter's translation ignores an argument (`divisor_override` of `avg_pool2d`), uses another convention, or the
runtime's kernel does. Nothing warns: the file loads, runs and is wrong.

## Example
```python
class Model(nn.Module):
    inputs = (torch.rand(1, 3, 9, 9),)

    def forward(self, x):
        return torch.nn.functional.avg_pool2d(x, 3, divisor_override=2)
```

## Use instead
Other arguments, or the operation written with others:
```python
class Model(nn.Module):
    inputs = (torch.rand(1, 3, 9, 9),)

    def forward(self, x):
        return torch.nn.functional.avg_pool2d(x, 3) * (9 / 2)
```

## When it is no problem
Where the difference does not matter to you: measure it with `exportlint verify`. With onnx-ts, floor division (`//`)
and `>>` differ for negative values only, and are a note where the model divides what it computed itself: a count, a
position. `torch.div(x, y, rounding_mode="floor")` exports right.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding, Severity
from exportlint.flow.events import OperatorCall
from exportlint.operators.lookup import measured
from exportlint.operators.names import spelled
from exportlint.operators.recipes import recipe
from exportlint.operators.support import advice, asked
from exportlint.rule import Context, Rule, severity

TARGETS = ("onnx", "onnx-ts")
# Written as a division that rounds towards zero, which is right for counts and positions: what models divide so.
_TRUNCATED = ("floordiv", "floor_divide", "floor_divide_", "rshift", "bitwise_right_shift", "bitwise_right_shift_")
_NEGATIVE = " where a value is negative"


def check(event: OperatorCall, context: Context) -> Iterator[Finding]:
    """One finding for each exporter that gets the call wrong."""
    for target in event.targets.intersection(TARGETS, context.targets):
        opset = context.written_opset
        found = measured(event, target, opset, context.torch)
        if found.status == "differs":
            level, where = _how_bad(event)
            message = (
                f"`{spelled(event.name)}` exports with {target} at opset {opset}, "
                f"but the file computes something else{where}"
            )
            help = advice(found, target, opset, recipe(event.name, asked(event), target, opset))
            how_bad = severity(event, level)
            yield RULE.finding(event.span, event.symbol, message, help, (target,), how_bad, event.confidence)


def _how_bad(event: OperatorCall) -> tuple[Severity, str]:
    """How bad a difference is, and for which values: what a model computed itself to divide it is hardly negative."""
    if event.name.rpartition(".")[2] not in _TRUNCATED:
        return Severity.ERROR, ""
    return Severity.WARNING if event.on_input else Severity.INFO, _NEGATIVE


RULE = Rule("EXL502", "operator-computes-something-else", TARGETS, (OperatorCall,), check)

"""A call or an operator has another type than TorchScript has a variant for.

## What it does
Reports arguments whose type is another than the annotation of the parameter, or than Tensor where there is none, and
a wrong number of them; the same for functions and methods of torch and builtins, by the schemas of the compiler, words
of numpy among them (`axis=`, `keepdims=`); operators, comparisons, `in` and indices for which there is no variant,
as there is none for a value declared Union, or list and no more.

## Why it breaks
A parameter without annotation is a Tensor for TorchScript. It converts tensors to numbers and nothing else: not even
an int where a float is declared. Of Python's leniency is little left: `==` with None, `int ** int` as a size, items
of different types behind `in`.

## Example
```python
def scaled(x, factor):
    return x * factor


class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return scaled(x, 3)
```

## Use instead
```python
def scaled(x: torch.Tensor, factor: int):
    return x * factor


class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        return scaled(x, 3)
```

## When it is no problem
Functions that scripting does not reach, or that are decorated with `torch.jit.ignore` or `torch.jit.unused`; a value
declared Union behind `isinstance`, which leaves one type.
"""

from __future__ import annotations

from collections.abc import Iterator

from exportlint.finding import Finding
from exportlint.flow.events import ScriptFault
from exportlint.rule import Context, Rule, severity

REASONS = ("argument-type",)
HELP = "annotate the parameter with the type that it gets, or pass the type that is declared"


def check(event: ScriptFault, context: Context) -> Iterator[Finding]:
    """Faults of this kind, where the code is compiled."""
    targets = event.targets.intersection(("script",), context.targets)
    if event.reason in REASONS and targets:
        message = f"{event.detail}"
        yield RULE.finding(event.span, event.symbol, message, HELP, tuple(targets), severity(event), event.confidence)


RULE = Rule("EXL419", "argument-of-other-type", ("script",), (ScriptFault,), check)
